//! Generated people: first and last names, combined so that no login occurs twice.

const FIRST: [&str; 40] = [
    "Ada", "Alan", "Amina", "Anton", "Beatriz", "Bruno", "Chiara", "Chen", "Dalia", "Emil", "Esther",
    "Farid", "Fiona", "Goran", "Hana", "Henrik", "Ida", "Ivan", "Jana", "Jonas", "Karim", "Katja", "Leila",
    "Lukas", "Maria", "Mateo", "Mei", "Milan", "Nadia", "Noah", "Olga", "Oscar", "Petra", "Rafael", "Rosa",
    "Samir", "Sofia", "Tomas", "Vera", "Yuki",
];

const LAST: [&str; 41] = [
    "Abel",
    "Almeida",
    "Bauer",
    "Becker",
    "Bianchi",
    "Bose",
    "Castro",
    "Costa",
    "Dubois",
    "Egger",
    "Fischer",
    "Fontana",
    "Garcia",
    "Hansen",
    "Hoffmann",
    "Ito",
    "Jansen",
    "Kaya",
    "Keller",
    "Khan",
    "Kim",
    "Larsen",
    "Lindqvist",
    "Lopez",
    "Marino",
    "Meyer",
    "Moreau",
    "Nakamura",
    "Novak",
    "Okafor",
    "Olsen",
    "Park",
    "Petrov",
    "Rossi",
    "Sato",
    "Silva",
    "Singh",
    "Tanaka",
    "Weber",
    "Yilmaz",
    "Zhang",
];

/// The first and last name of the `nth` generated person. 40 and 41 have no common divisor, so 1,640 people pass
/// before a name comes again; then a number is added.
pub(super) fn name(nth: usize) -> (String, String) {
    let first = FIRST[nth % FIRST.len()];
    let last = LAST[nth % LAST.len()];
    match nth / (FIRST.len() * LAST.len()) {
        0 => (first.to_owned(), last.to_owned()),
        round => (first.to_owned(), format!("{last}{}", round + 1)),
    }
}

/// The login of a generated person.
pub(super) fn login((first, last): &(String, String)) -> String {
    format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn nobody_occurs_twice() {
        let all: HashSet<_> = (0..20_000).map(super::name).collect();
        assert_eq!(all.len(), 20_000);
    }
}
