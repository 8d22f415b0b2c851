//! What people and agents say: conversations and notes, in the person's language.

use super::people::Tongue;

/// What a person writes, and what an agent answers. `{car}` stands for the car, `{agent}` for the agent's first name.
type Exchange = (&'static str, &'static str);

const ENGLISH: &[&[Exchange]] = &[
    &[
        (
            "Hi, is the {car} still available?",
            "Hi! Yes, the {car} is here on the lot. Would you like to come and drive it?",
        ),
        (
            "Saturday morning would work for me",
            "Perfect, I have put you down for Saturday at 10. Ask for {agent} when you get here.",
        ),
    ],
    &[
        (
            "What would my monthly payment be on the {car}?",
            "That depends on the down payment. With 3,000 down it is around 540 a month over 72 months.",
        ),
        ("Ok and with 5,000 down?", "About 505 a month. I can send you the numbers by email if you like."),
        ("Yes please", "On its way. Call me any time, {agent}."),
    ],
    &[(
        "Do you take trade-ins? I have a 2018 Altima",
        "We do. Bring the title and both keys and we will make you an offer the same day.",
    )],
    &[
        ("Do you finance with a matricula?", "Yes, matricula and passport both work. Which car are you looking at?"),
        ("The {car}", "Good choice. When can you stop by?"),
    ],
];

const SPANISH: &[&[Exchange]] = &[
    &[
        (
            "Hola, ¿sigue disponible el {car}?",
            "¡Hola! Sí, el {car} está aquí en el lote. ¿Le gustaría venir a manejarlo?",
        ),
        ("Puedo el sábado por la mañana", "Perfecto, le aparto el sábado a las 10. Pregunte por {agent} al llegar."),
    ],
    &[
        (
            "¿Cuánto sería la mensualidad del {car}?",
            "Depende del enganche. Con 3,000 quedaría en unos 540 al mes a 72 meses.",
        ),
        ("¿Y con 5,000?", "Alrededor de 505 al mes. Si gusta le mando los números."),
    ],
    &[
        ("¿Aceptan matrícula para el financiamiento?", "Claro que sí, matrícula y pasaporte. ¿Qué carro le interesa?"),
        ("El {car}", "Muy buena opción. ¿Cuándo puede pasar?"),
    ],
    &[(
        "Tengo una troca 2016, ¿la toman a cuenta?",
        "Sí, traiga el título y las dos llaves y le hacemos una oferta el mismo día. Soy {agent}.",
    )],
];

const GERMAN: &[&[Exchange]] = &[
    &[
        (
            "Guten Tag, ist der {car} noch zu haben?",
            "Guten Tag! Ja, der {car} steht bei uns. Möchten Sie eine Probefahrt machen?",
        ),
        ("Gern, am Samstag gegen elf?", "Samstag um elf ist eingetragen. Fragen Sie einfach nach {agent}."),
    ],
    &[
        (
            "Was wäre die monatliche Rate für den {car}?",
            "Bei 20 % Anzahlung und 48 Monaten liegen wir bei rund 420 Euro.",
        ),
        ("Und ohne Anzahlung?", "Dann etwa 520 Euro. Ich schicke Ihnen gern beide Angebote."),
        ("Ja bitte", "Ist unterwegs. Viele Grüße, {agent}"),
    ],
    &[(
        "Nehmen Sie meinen alten Polo in Zahlung?",
        "Ja, sehr gern. Bringen Sie Fahrzeugschein und beide Schlüssel mit, die Bewertung dauert eine halbe Stunde.",
    )],
    &[("Hat der {car} eine Anhängerkupplung?", "Nein, sie lässt sich aber für rund 900 Euro nachrüsten.")],
];

/// Conversations one may have in a language.
pub const fn conversations(tongue: Tongue) -> &'static [&'static [Exchange]] {
    match tongue {
        Tongue::En => ENGLISH,
        Tongue::Es => SPANISH,
        Tongue::De => GERMAN,
    }
}

/// A word by which a person asks to be left alone.
pub const fn stop(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::En => "STOP",
        Tongue::Es => "BAJA",
        Tongue::De => "Stopp",
    }
}

/// What a person writes with the enquiry.
pub const fn inquiries(tongue: Tongue) -> &'static [&'static str] {
    match tongue {
        Tongue::En => &[
            "I'm interested in the {car}. Is the price negotiable?",
            "Please call me about the {car} after 5 pm.",
            "Can I see the {car} this weekend?",
        ],
        Tongue::Es => &[
            "Me interesa el {car}. ¿Se puede negociar el precio?",
            "Por favor llámenme por el {car} después de las 5.",
            "¿Puedo ver el {car} este fin de semana?",
        ],
        Tongue::De => &[
            "Ich interessiere mich für den {car}. Ist am Preis noch etwas zu machen?",
            "Bitte rufen Sie mich nach 17 Uhr wegen des {car} an.",
            "Kann ich den {car} am Wochenende ansehen?",
        ],
    }
}

/// What an agent notes after a call.
pub const fn notes(tongue: Tongue) -> &'static [&'static str] {
    match tongue {
        Tongue::En | Tongue::Es => &[
            "Called, wants to come in with spouse.",
            "Left a voicemail, try again tomorrow afternoon.",
            "Asked for the CARFAX and an out-the-door price.",
            "Prefers Spanish, call after work.",
            "Comparing with a dealer in Katy.",
        ],
        Tongue::De => &[
            "Telefonisch erreicht, kommt mit Partnerin.",
            "Mailbox besprochen, morgen noch einmal versuchen.",
            "Fragt nach Scheckheft und Zweitschlüssel.",
            "Vergleicht mit einem Händler in Potsdam.",
        ],
    }
}

/// A text with its car and agent in.
pub fn said(text: &str, car: &str, agent: &str) -> String {
    let first = agent.split(' ').next().unwrap_or(agent);
    text.replace("{car}", car).replace("{agent}", first)
}

#[cfg(test)]
mod tests {
    use forecourt_connect::optout::is_opt_out;

    use super::*;

    #[test]
    fn only_a_wish_to_be_left_alone_reads_as_one() {
        for tongue in [Tongue::En, Tongue::Es, Tongue::De] {
            assert!(is_opt_out(stop(tongue)));
            for (person, agent) in conversations(tongue).iter().copied().flatten() {
                for text in [person, agent] {
                    let text = said(text, "Ford F-150", "Maria Lopez");
                    assert!(!is_opt_out(&text) && !text.contains(['{', '}']), "{text}");
                }
            }
        }
    }
}
