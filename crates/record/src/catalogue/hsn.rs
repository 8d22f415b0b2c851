//! What the number of a maker in German registration papers says: the HSN, "Herstellerschlüsselnummer", of the Federal
//! Motor Transport Authority.

/// Numbers under which nearly all cars are of one make, and the make as the catalogue calls it.
const MAKERS: &[(i64, &str)] = &[
    (5, "BMW"),
    (35, "Opel"),
    (583, "Porsche"),
    (588, "Audi"),
    (603, "Volkswagen"),
    (708, "Mercedes-Benz"),
    (710, "Mercedes-Benz"),
    (928, "Ford"),
    (1313, "Mercedes-Benz"),
    (1349, "Hyundai"),
    (1480, "Tesla"),
    (1844, "Opel"),
    (3001, "Citroën"),
    (3003, "Peugeot"),
    (3004, "Renault"),
    (3333, "Renault"),
    (4136, "Fiat"),
    (5013, "Toyota"),
    (7593, "Seat"),
    (8004, "Škoda"),
    (8253, "Kia"),
    (8566, "Ford"),
    (9101, "Volvo"),
];

/// The make that an HSN is given to; none for one that is not known here. The three characters behind it, the TSN, tell the model, and are the Authority's to sell.
pub fn hsn_make(hsn: i64) -> Option<&'static str> {
    MAKERS.iter().find(|(known, _)| *known == hsn).map(|(_, make)| *make)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn every_maker_is_in_the_catalogue_and_no_number_twice() {
        let shipped: Vec<&str> = catalogue::makes().iter().map(|make| make.name).collect();
        for (at, (hsn, make)) in MAKERS.iter().enumerate() {
            assert!(shipped.contains(make), "{make}");
            assert!(MAKERS[..at].iter().all(|(other, _)| other < hsn), "{hsn}");
        }
        assert_eq!((hsn_make(603), hsn_make(600)), (Some("Volkswagen"), None));
    }
}
