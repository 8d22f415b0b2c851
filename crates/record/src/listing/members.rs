//! The members of a listing, in the order in which they are shown, and those it is filtered and sorted by.

use Form::{Code, Date, Flag, List, Number, OneOf, Text, Word};

use crate::spec::Type;

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// `YYYY-MM-DD`.
    Date,
    Number,
    Flag,
    List,
    /// One of these words, which are shown with their meaning in the reader's language.
    Word(&'static [&'static str]),
    /// One of these words, as it is.
    OneOf(&'static [&'static str]),
    /// A number from 1 to this one, which is shown with its meaning in the reader's language.
    Code(i64),
}

/// A member of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub name: &'static str,
    pub form: Form,
}

const fn member(name: &'static str, form: Form) -> Member {
    Member { name, form }
}

/// Everything a listing shows.
pub const MEMBERS: &[Member] = &[
    member("sellingId", Text),
    member("internalId", Text),
    member("branchId", Number),
    member("makeName", Text),
    member("modelName", Text),
    member("modelVersion", Text),
    member("sourceType", OneOf(&["repurchased", "trade-in", "factoryCar", "leasingReturn"])),
    member("vehicleState", Word(&["incoming", "inventory", "sold"])),
    member("description", Text),
    member("firstRegistration", Date),
    member("kilometers", Number),
    member("vehicleTypeId", Code(10)),
    member(
        "climatisationType",
        Word(&[
            "none",
            "airConditioning",
            "automaticClimateControl",
            "automaticClimateControl2",
            "automaticClimateControl3",
            "automaticClimateControl4",
        ]),
    ),
    member("conditionType", Word(&["new", "used", "employeesCar", "classic", "demonstration", "dayRegistration"])),
    member("vin", Text),
    member("powerKw", Number),
    member("cubicCapacity", Number),
    member("doorCount", Number),
    member("seatCount", Number),
    member("pollutionBadge", Code(5)),
    member("emissionClass", Code(10)),
    member("colorId", Code(14)),
    member("manufacturerColorName", Text),
    member("isMetallicColor", Flag),
    member("airbagType", Word(&["driverAirbag", "frontAirbag", "driverSideAirbag", "driverSideOtherAirbag"])),
    member("interiorType", Word(&["alcantara", "cloth", "fullLeather", "partialLeather", "velour", "other"])),
    member("interiorColorId", Code(14)),
    member(
        "fuelType",
        Word(&[
            "cng",
            "diesel",
            "electric",
            "electricDiesel",
            "electricGasoline",
            "ethanol",
            "gasoline",
            "hydrogen",
            "lpg",
        ]),
    ),
    member(
        "fuelDetailType",
        Word(&[
            "lpg",
            "normalGasoline91",
            "super95",
            "superPlus98",
            "normalGasolineE1091",
            "superE1095",
            "superPlusE1098",
            "diesel",
            "biodiesel",
            "vegetableOil",
            "cngH",
            "cngL",
            "bioCng",
            "ethanol85",
            "hydrogen",
            "electric",
        ]),
    ),
    member("transmissionType", Word(&["automatic", "manual", "semiAutomatic"])),
    member("isDamaged", Flag),
    member("hadAccidentDamage", Flag),
    member("isDrivable", Flag),
    member("nextInspection", Text),
    member("isInspectionNew", Flag),
    member("lastService", Text),
    member("hasFullServiceHistory", Flag),
    member("tyreType", Word(&["summerTyres", "winterTyres", "allSeasonTyres"])),
    member("tyreBrand", Text),
    member("tyreTreadL", Number),
    member("tyreTreadR", Number),
    member("tyreTreadBL", Number),
    member("tyreTreadBR", Number),
    member("warrantyExpiry", Date),
    member("tsn", Text),
    member("hsn", Number),
    member("gears", Number),
    member("cylinders", Number),
    member("countryId", Text),
    member("deliveryDate", Text),
    member("deliveryPeriod", Text),
    member("isNonSmoker", Flag),
    member("particulateFilter", Flag),
    member("isBioDieselSuitable", Flag),
    member("isVegetableOilSuitable", Flag),
    member("isPluginHybrid", Flag),
    member("isE10Enabled", Flag),
    member("weight", Number),
    member("hasSparewheel", Flag),
    member("driveType", Word(&["front", "rear", "all", "other"])),
    member("created", Text),
    member("updated", Text),
    member("previousOwnerCount", Number),
    member("isWarrantyGranted", Flag),
    member("isNetPrice", Flag),
    member("isPriceNegotiable", Flag),
    member("dealerPrice", Number),
    member("equipment", List),
    member("damages", List),
    member("documents", List),
    member("ads", List),
    member("priceExport", Number),
    member("recommendedRetailPrice", Number),
    member("priceYard", Number),
    member("priceOverpass", Number),
    member("slidingDoor", Word(&["slidingDoorRight", "slidingDoorLeft", "slidingDoorBoth"])),
    member("emissionsCombinedCo2Class", OneOf(&["A", "B", "C", "D", "E", "F", "G"])),
    member("emissionsDischargedCo2Class", OneOf(&["A", "B", "C", "D", "E", "F", "G"])),
    member("co2EmissionCombined", Number),
    member("consumptionFuelCombined", Number),
    member("consumptionFuelCity", Number),
    member("consumptionFuelSuburban", Number),
    member("consumptionFuelRural", Number),
    member("consumptionFuelHighway", Number),
    member("consumptionPowerCombined", Number),
    member("co2EmissionCombinedWeighted", Number),
    member("consumptionFuelCombinedWeighted", Number),
    member("consumptionPowerCombinedWeighted", Number),
    member("co2EmissionsDischarged", Number),
    member("consumptionPowerCity", Number),
    member("consumptionPowerSuburban", Number),
    member("consumptionPowerRural", Number),
    member("consumptionPowerHighway", Number),
    member("electricRangePluginHybrid", Number),
    member("energieCostFuelPrice", Number),
    member("energieCostPowerPrice", Number),
    member("energieCostConsumptionPriceYear", Number),
    member("energieCostTax", Number),
    member("energieCostConsumptionCosts", Number),
    member("energieCostCo2CostsLow", Number),
    member("energieCostCo2CostsHigh", Number),
    member("energieCostCo2CostsMiddle", Number),
];

/// What a listing is found by besides: not shown.
const UNSHOWN: &[Member] = &[
    member("makeId", Number),
    member("modelId", Number),
    member("constructionDate", Text),
    member("trimLine", Text),
    member("modelRange", Text),
    member("price", Number),
];

/// Members that follow from what a car is and nobody says.
const KEPT: &[&str] = &["sellingId", "branchId", "created", "updated", "makeId", "modelId"];

/// A member that a document may say in its own words.
pub fn given(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().chain(UNSHOWN).find(|member| member.name == name && !KEPT.contains(&name))
}

pub fn names() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().chain(UNSHOWN).map(|member| member.name).filter(|name| !KEPT.contains(name))
}

/// A member that listings are filtered and sorted by.
#[derive(Clone, Copy, Debug)]
pub struct Filtered {
    pub name: &'static str,
    /// The column that holds it; one of every kind for those that every document has.
    pub column: &'static str,
    pub kind: Type,
}

const fn by(name: &'static str, column: &'static str, kind: Type) -> Filtered {
    Filtered { name, column, kind }
}

/// In the order in which they are published. A text that is `Folded` is compared without case and accents.
pub const FILTERED: &[Filtered] = &[
    by("created", "created_at", Type::Instant),
    by("updated", "updated_at", Type::Instant),
    by("makeId", "make_id", Type::Int),
    by("makeName", "make_name", Type::Folded),
    by("modelId", "model_id", Type::Int),
    by("modelName", "model_name", Type::Folded),
    by("modelVersion", "model_version", Type::Folded),
    by("vehicleState", "vehicle_state", Type::Text),
    by("firstRegistration", "first_registration", Type::Text),
    by("constructionDate", "construction_date", Type::Text),
    by("kilometers", "kilometers", Type::Hundredths),
    by("vehicleTypeId", "vehicle_type", Type::Int),
    by("trimLine", "trim_line", Type::Folded),
    by("modelRange", "model_range", Type::Folded),
    by("climatisationType", "climatisation", Type::Text),
    by("conditionType", "condition", Type::Text),
    by("powerKw", "power_kw", Type::Hundredths),
    by("cubicCapacity", "cubic_capacity", Type::Hundredths),
    by("doorCount", "door_count", Type::Hundredths),
    by("seatCount", "seat_count", Type::Hundredths),
    by("pollutionBadge", "pollution_badge", Type::Int),
    by("colorId", "color_id", Type::Int),
    by("isMetallicColor", "metallic", Type::Flag),
    by("airbagType", "airbag", Type::Text),
    by("interiorType", "interior", Type::Text),
    by("interiorColorId", "interior_color_id", Type::Int),
    by("fuelType", "fuel_type", Type::Text),
    by("fuelDetailType", "fuel_detail", Type::Text),
    by("transmissionType", "transmission_type", Type::Text),
    by("isDamaged", "damaged", Type::Flag),
    by("hadAccidentDamage", "had_accident", Type::Flag),
    by("isDrivable", "drivable", Type::Flag),
    by("hasFullServiceHistory", "full_service_history", Type::Flag),
    by("cylinders", "cylinders", Type::Hundredths),
    by("price", "listing_price", Type::Hundredths),
    by("isPluginHybrid", "plugin_hybrid", Type::Flag),
    by("isE10Enabled", "e10_enabled", Type::Flag),
    by("driveType", "drive_type", Type::Text),
    by("previousOwnerCount", "previous_owners", Type::Hundredths),
];

/// The columns whose values can be asked for, in the order in which they are published.
pub const VALUED: [&str; 9] = [
    "makeId",
    "modelId",
    "vehicleTypeId",
    "climatisationType",
    "conditionType",
    "fuelType",
    "transmissionType",
    "isPluginHybrid",
    "driveType",
];
