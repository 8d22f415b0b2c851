//! Pieces that several published trees share.

use super::{At, CarId, Custom, Flag, Num, PartId, Text, Texts};

words! {
    /// Which way a message or call went, seen from the dealer.
    Direction {
        Inbound = "inbound",
        Outbound = "outbound",
    }

    /// Which kind of lead a document belongs to.
    LeadType {
        SaleLead = "salelead",
        AppraisalLead = "appraisallead",
        AftersaleLead = "aftersalelead",
    }

    Gender {
        Male = "male",
        Female = "female",
        Other = "other",
    }

    CarType {
        New = "new",
        Used = "used",
        Km0 = "km0",
        Demo = "demo",
        Renting = "renting",
        Classic = "classic",
    }

    CarCategory {
        Car = "car",
        Van = "van",
        Truck = "truck",
        Motorbike = "motorbike",
        Motorhome = "motorhome",
        Boat = "boat",
        Other = "other",
    }

    PeriodUnit {
        Week = "week",
        Month = "month",
        Year = "year",
    }
}

impl LeadType {
    /// The collection of such leads.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::SaleLead => "saleleads",
            Self::AppraisalLead => "appraisalleads",
            Self::AftersaleLead => "aftersaleleads",
        }
    }

    /// The collection that a document's `lead_type` leads to: what says nothing belongs to a sale lead.
    pub fn kind_of(word: Option<&str>) -> &'static str {
        let named = word.and_then(|word| Self::ALL.iter().find(|lead_type| lead_type.as_str() == word));
        named.map_or(Self::SaleLead.kind(), |lead_type| lead_type.kind())
    }
}

tree! {
    SubstatusEntry {
        substatus: Text,
        user: Text,
        assigned_at: At,
        _id: PartId,
    }

    /// Where a document stands in its pipeline now.
    Status {
        assigned_at: At,
        user: Text,
        status: Text,
        substatus: Option<SubstatusEntry>,
        _id: PartId,
    }

    /// Where it stood, and since when.
    StatusEntry {
        assigned_at: At,
        user: Text,
        status: Text,
        substatus_history: Vec<SubstatusEntry>,
        _id: PartId,
    }

    /// A reminder: due at an instant, for some users.
    Notification {
        notify_at: At,
        notify_to: Texts,
        done: Flag,
        done_at: At,
        done_by: Text,
        _id: PartId,
    }

    /// Where a lead came from.
    Origin {
        source: Text,
        medium: Text,
        campaign: Text,
        _id: PartId,
    }

    Provider {
        name: Text,
        from: Text,
        subject: Text,
        _id: PartId,
    }

    /// Who works it, since when, given by whom.
    Assignment {
        to: Text,
        at: At,
        by: Text,
        _id: PartId,
    }

    Investment {
        provider_id: Text,
        investment_id: Text,
        cycle_id: Text,
        cost: Num,
        _id: PartId,
    }

    Finance {
        rate: Num,
        period_unit: Option<PeriodUnit>,
        duration: Num,
        payment_value: Num,
        yearly_mileage: Num,
        down_payment: Num,
        finance_type: Text,
        _id: PartId,
    }

    ExternalId {
        r#type: Text,
        attribute: Text,
        value: Text,
        _id: PartId,
    }

    ProviderCodes {
        eurotax: Text,
        _id: PartId,
    }

    PackageItem {
        description: Text,
        code: Text,
        _id: PartId,
    }

    Equipment {
        description: Text,
        code: Text,
        price: Num,
        category: Text,
        optional: Flag,
        package_items: Vec<PackageItem>,
        custom: Custom,
        _id: PartId,
    }

    Weights {
        gross: Num,
        dry: Num,
        curb: Num,
        _id: PartId,
    }

    Coordinates {
        lat: Num,
        lng: Num,
        _id: PartId,
    }

    Address {
        coordinates: Option<Coordinates>,
        url: Text,
        place_id: Text,
        country: Text,
        area_level_1: Text,
        area_level_2: Text,
        area_level_3: Text,
        postal_code: Text,
        locality: Text,
        route: Text,
        street_number: Text,
        address_details: Text,
        _id: PartId,
    }

    PersonName {
        first_name: Text,
        last_name: Text,
        gender: Option<Gender>,
        salutation: Text,
        title: Text,
        raw_name: Text,
        parsed: Flag,
        _id: PartId,
    }

    /// A person of a client.
    Contact {
        _id: PartId,
        name: Option<PersonName>,
        phones: Texts,
        emails: Texts,
        government_id: Text,
        custom: Custom,
    }

    BusinessDetails {
        name: Text,
        phones: Texts,
        emails: Texts,
        tax_id: Text,
        website: Text,
        is_business: Flag,
        custom: Custom,
        _id: PartId,
    }

    Price {
        price: Num,
        currency: Text,
        vat_substractable: Flag,
        vat_percent: Num,
        created_at: At,
        _id: PartId,
    }

    /// A price and those it had before.
    PriceLine {
        source: Text,
        current_price: Option<Price>,
        previous_prices: Vec<Price>,
        _id: PartId,
    }

    Prices {
        retail: Option<PriceLine>,
        financed: Option<PriceLine>,
        wholesale: Option<PriceLine>,
        new: Option<PriceLine>,
        export: Option<PriceLine>,
        purchase: Option<PriceLine>,
        _id: PartId,
    }

    /// A car as somebody wants it: the `car` of a lead's `car_list`.
    WantedCar {
        quantity: Num,
        price: Num,
        price_to: Num,
        year_from: Num,
        mileage_to: Num,
        power_from: Num,
        stock_number: Text,
        custom: Custom,
        _id: PartId,
    } + vehicle

    /// A car as its owner offers it: the `car` of an appraisal lead.
    OfferedCar {
        /// As the source wrote them, where it did not use `license_plate` and `vin`.
        plate: Text,
        #[serde(rename = "VIN")]
        vin_written: Text,
        _id: PartId,
    } + vehicle

    /// An entry of a lead's `car_list`.
    WantedCarEntry {
        car: Option<WantedCar>,
        car_id: Option<CarId>,
    }

    Consents {
        profiling: Flag,
        marketing: Flag,
        third_party: Flag,
        _id: PartId,
    }

    /// What somebody has agreed to.
    Gdpr {
        expires_on: At,
    } + consent

    /// The same as a client shows it for its first contact.
    ContactGdpr {
        expires_at: At,
    } + consent

    /// A date of a lead, in its `computed`.
    LeadAppointment {
        date: At,
        start_date: At,
        end_date: At,
        showed_up: Flag,
        assigned_to: Texts,
        appointment_id: PartId,
        appointment_customs: Custom,
    }

    /// A task of a lead, in its `computed`.
    LeadTask {
        description: Text,
        assigned_to: Texts,
        task_id: PartId,
        done: Flag,
        due_date: At,
        task_customs: Custom,
    }

    /// A file that came or went with a message.
    Media {
        url: Text,
        content_type: Text,
        _id: PartId,
    }
}

impl PersonName {
    /// The name in one line, as it is shown.
    pub fn shown(&self) -> Option<String> {
        if let Some(raw) = &self.raw_name {
            return Some(raw.clone());
        }
        let parts: Vec<&str> = [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// A name as a form gives it: kept as written, split at the first space for the published members.
    pub fn from_raw(raw: &str) -> Self {
        let raw = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        let (first, last) = match raw.split_once(' ') {
            Some((first, last)) => (first.to_owned(), Some(last.to_owned())),
            None => (raw.clone(), None),
        };
        Self { first_name: Some(first), last_name: last, parsed: Some(true), raw_name: Some(raw), ..Self::default() }
    }
}
