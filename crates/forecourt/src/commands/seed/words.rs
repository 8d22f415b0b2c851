//! What invented vehicles are called and described with; where weights stand, the sum of them is what they are a share of.

/// The last one stands for all others.
pub const MAKES: &[(u64, &str)] = &[
    (15, "Ford"),
    (14, "Volkswagen"),
    (9, "BMW"),
    (9, "Audi"),
    (9, "Mercedes-Benz"),
    (7, "Opel"),
    (6, "Škoda"),
    (5, "Toyota"),
    (4, "Hyundai"),
    (4, "Renault"),
    (3, "Seat"),
    (15, ""),
];

pub const FORD_TRIMS: &[&str] = &["Titanium", "Titanium X", "Trend", "ST-Line", "Vignale", "Active"];

pub const TRIMS: &[&str] =
    &["Comfort", "Style", "Elegance", "Sport", "Business", "Ambiente", "Limited", "S line", "xDrive", "Edition"];

pub const FUELS: &[(u64, &str)] = &[
    (42, "Benzin"),
    (30, "Diesel"),
    (12, "Elektro"),
    (7, "Hybrid Benzin"),
    (6, "Plug-in Hybrid"),
    (1, "Hybrid Diesel"),
    (1, "Autogas"),
    (1, "Erdgas"),
];

pub const COLORS: &[(u64, &str)] = &[
    (21, "Schwarz"),
    (18, "Weiß"),
    (16, "Grau"),
    (12, "Silber"),
    (11, "Blau"),
    (10, "Rot"),
    (4, "Braun"),
    (4, "Beige"),
    (2, "Grün"),
    (1, "Gelb"),
    (1, "Orange"),
];

pub const BODIES: &[(u64, &str)] = &[
    (28, "SUV"),
    (24, "Kombi"),
    (20, "Kleinwagen"),
    (14, "Limousine"),
    (5, "Van"),
    (4, "Coupé"),
    (3, "Cabrio"),
    (1, "Transporter"),
    (1, "Pickup"),
];

pub const PHRASES: &[&str] = &[
    "Scheckheftgepflegt und aus erster Hand.",
    "Inspektion und Hauptuntersuchung sind neu.",
    "Nichtraucherfahrzeug, immer in der Garage gestanden.",
    "Leasingrückläufer mit lückenloser Historie.",
    "Acht Räder, die Winterreifen sind zwei Jahre alt.",
    "Ein Angebot für Familien, mit viel Platz im Kofferraum.",
    "Anhängerkupplung abnehmbar, Standheizung mit Fernbedienung.",
    "Finanzierung und Inzahlungnahme sind möglich.",
    "Probefahrt nach Absprache, auch samstags.",
    "Garantie für zwölf Monate, auf Wunsch verlängert.",
    "Unfallfrei nach Angabe des Vorbesitzers.",
    "Bremsen und Zahnriemen wurden im Frühjahr erneuert.",
    "Ein sparsamer Begleiter für den Weg zur Arbeit.",
    "Sportliches Fahrwerk und direkte Lenkung.",
    "Kleine Gebrauchsspuren, technisch einwandfrei.",
    "Vom Meister geprüft, mit Zertifikat.",
];

pub const EQUIPMENT: &[&str] = &[
    "Sitzheizung vorn",
    "Navigationssystem",
    "Rückfahrkamera",
    "Einparkhilfe hinten",
    "Tempomat",
    "Abstandsregelung",
    "Spurhalteassistent",
    "Totwinkelwarner",
    "Panoramadach",
    "LED-Scheinwerfer",
    "Lichtsensor",
    "Regensensor",
    "Lederlenkrad",
    "Lenkradheizung",
    "Freisprecheinrichtung",
    "Digitalradio",
    "Apple CarPlay",
    "Android Auto",
    "Elektrische Heckklappe",
    "Schlüssellose Zentralverriegelung",
    "Head-up-Display",
    "Isofix",
    "Alufelgen 18 Zoll",
    "Getönte Scheiben",
    "Notbremsassistent",
    "Verkehrszeichenerkennung",
    "Zwei-Zonen-Klimaautomatik",
    "Elektrische Sitze mit Memory",
];

pub const EXTRAS: &[&str] =
    &["Winterpaket", "Technikpaket", "Businesspaket", "Sportpaket", "Dachreling", "Standheizung", "Soundsystem"];
