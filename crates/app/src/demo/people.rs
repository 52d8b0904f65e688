//! The people of the demo: made up, always the same, over the real départements and valid ranges of phone numbers.

use std::net::Ipv4Addr;

use leads::rules::departement::Departement;
use leads::rules::phone::{PhonePolicy, PhoneQuality, normalise};
use rand::distr::weighted::WeightedIndex;
use rand::distr::{Alphanumeric, Distribution as _};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

const SEED: u64 = 2026;

const NAMES: &[&str] = &[
    "Martin",
    "Bernard",
    "Thomas",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Dubois",
    "Moreau",
    "Laurent",
    "Simon",
    "Michel",
    "Lefebvre",
    "Leroy",
    "Roux",
    "David",
    "Bertrand",
    "Morel",
    "Fournier",
    "Girard",
    "Bonnet",
    "Dupont",
    "Lambert",
    "Fontaine",
    "Rousseau",
    "Vincent",
    "Müller",
    "Lefèvre",
    "Faure",
    "André",
    "Mercier",
    "Blanc",
    "Guérin",
    "Boyer",
    "Garnier",
    "Chevalier",
];

const FIRST_NAMES: &[&str] = &[
    "Marie",
    "Jean",
    "Philippe",
    "Nathalie",
    "Michel",
    "Isabelle",
    "Alain",
    "Sylvie",
    "Patrick",
    "Catherine",
    "Nicolas",
    "Christine",
    "Daniel",
    "Françoise",
    "Claire",
    "Julien",
    "Émilie",
    "Hélène",
    "Rémi",
    "Zoé",
];

/// The départements that bring the most leads, with their share in thousandths; the others share the rest.
const BUSY: &[(&str, u32)] = &[
    ("59", 38),
    ("75", 33),
    ("13", 31),
    ("69", 28),
    ("92", 25),
    ("93", 24),
    ("33", 25),
    ("62", 22),
    ("78", 21),
    ("77", 21),
    ("94", 21),
    ("44", 22),
    ("31", 21),
    ("76", 18),
    ("91", 19),
    ("38", 19),
    ("95", 18),
    ("67", 17),
    ("34", 18),
    ("83", 16),
    ("06", 16),
    ("35", 16),
    ("57", 15),
    ("29", 13),
    ("42", 11),
    ("60", 12),
    ("49", 12),
    ("74", 12),
    ("56", 11),
    ("30", 11),
    ("85", 10),
    ("01", 10),
    ("84", 8),
    ("80", 8),
    ("02", 7),
    ("22", 8),
];

/// How a phone number is written by those who type it.
const SPELLINGS: usize = 4;

/// A lead on its way to the public route.
pub(super) struct Lead {
    /// What is posted.
    pub(super) payload: Value,
    /// The visitor's address.
    pub(super) ip: Ipv4Addr,
}

/// The stream of people.
pub(super) struct People {
    rng: StdRng,
    total: u32,
    made: u32,
    places: WeightedIndex<u32>,
    departements: Vec<Departement>,
    keys: Vec<String>,
    phones: Vec<String>,
}

impl People {
    pub(super) fn new(total: u32, keys: &[String]) -> Self {
        let departements: Vec<_> = Departement::every().filter(|departement| departement.is_mainland()).collect();
        let share = |departement: &Departement| {
            BUSY.iter().find(|(code, _)| *code == departement.code()).map_or(5, |(_, share)| *share)
        };
        let places = WeightedIndex::new(departements.iter().map(share)).expect("every share is positive");
        Self {
            rng: StdRng::seed_from_u64(SEED),
            total,
            made: 0,
            places,
            departements,
            keys: keys.to_vec(),
            phones: Vec::new(),
        }
    }

    pub(super) fn total(&self) -> u32 {
        self.total
    }

    /// How many leads come in each of so many hours from a Monday's first on: few at night, most after work, a little
    /// less at weekends.
    pub(super) fn per_hour(&self, hours: usize) -> Vec<usize> {
        const HOURS: [u64; 24] = [1, 1, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 9, 8, 6, 6, 7, 8, 10, 11, 10, 8, 4, 2];
        let weight = |hour: usize| HOURS[hour % 24] * if hour / 24 % 7 >= 5 { 3 } else { 4 };
        let sum: u64 = (0..hours).map(weight).sum();
        let (mut before, mut given) = (0, 0);
        let share = |hour| {
            before += weight(hour);
            let due = u64::from(self.total) * before / sum;
            let count = usize::try_from(due - given).unwrap_or(0);
            given = due;
            count
        };
        (0..hours).map(share).collect()
    }

    /// The next person.
    pub(super) fn next_lead(&mut self) -> Lead {
        self.made += 1;
        let n = self.made;
        let product = ["PV", "PAC", "ITE"][match self.rng.random_range(0..100) {
            0..55 => 0,
            55..85 => 1,
            _ => 2,
        }];
        let is_mdl = self.rng.random_ratio(3, 10);
        let phone = self.phone();
        let (nom, prenom) = (self.one_of(NAMES), self.one_of(FIRST_NAMES));
        let place = self.departements[self.places.sample(&mut self.rng)];
        let mut payload = json!({
            "session_id": format!("demo-{n}"),
            "form_code": format!("{product}-{}01", u8::from(is_mdl)),
            "phone": self.spelled(&phone),
            "nom": nom,
            "prenom": prenom,
            "email": format!("{}.{}{n}@courriel.example", ascii(prenom), ascii(nom)),
            "departement": format!("{}{:03}", place.code(), self.rng.random_range(0..1000)),
            "produit": product,
            "rgpd_consent": true,
            "consent_text_version": "2026-01",
            "newsletter": self.rng.random_ratio(1, 4),
            "type_logement": "Maison",
            "statut_occupant": "Propriétaire",
        });
        let ip = Ipv4Addr::new(198, 18, self.rng.random(), self.rng.random());
        self.flavour(&mut payload, is_mdl);
        Lead { payload, ip }
    }

    /// A fifth comes from suppliers, most from landing pages; a few are what nobody wants.
    fn flavour(&mut self, payload: &mut Value, is_mdl: bool) {
        if self.rng.random_ratio(1, 5) {
            payload["api_key"] = json!(self.keys.get(usize::from(is_mdl)));
            return;
        }
        payload["lp_code"] = json!(self.one_of(&["LP-001", "LP-002", "LP-003"]));
        payload["utm_source"] = json!(self.one_of(&["google", "facebook", "bing", "newsletter", ""]));
        payload["utm_campaign"] = json!(self.one_of(&["printemps", "toiture", "aides-2026"]));
        match self.rng.random_range(0..100) {
            0 | 1 => payload["phone"] = json!("06 12 34"),
            2 | 3 => payload["phone"] = json!("0678787878"),
            4 | 5 => payload["rgpd_consent"] = Value::Null,
            6..9 => payload["utm_source"] = json!("Click-Farm"),
            9 => payload["form_code"] = json!("SALON-2026"),
            10 => payload["nom"] = json!(""),
            _ => {}
        }
    }

    /// A number of its own, or, now and then, that of somebody who asked before.
    fn phone(&mut self) -> String {
        if !self.phones.is_empty() && self.rng.random_ratio(1, 20) {
            let seen = self.rng.random_range(0..self.phones.len());
            return self.phones[seen].clone();
        }
        loop {
            let phone = format!("0{}{:08}", self.rng.random_range(6..8), self.rng.random_range(10_000_000..99_999_999));
            if normalise(&phone, &PhonePolicy::default()).quality == PhoneQuality::Valid {
                if self.phones.len() < 10_000 {
                    self.phones.push(phone.clone());
                }
                return phone;
            }
        }
    }

    fn spelled(&mut self, phone: &str) -> String {
        let pairs: Vec<_> = (0..5).map(|pair| &phone[pair * 2..pair * 2 + 2]).collect();
        match self.rng.random_range(0..SPELLINGS) {
            0 => pairs.join(" "),
            1 => pairs.join("."),
            2 => format!("+33{}", &phone[1..]),
            _ => phone.to_owned(),
        }
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.rng.random_range(0..of.len())]
    }
}

fn ascii(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c.is_ascii() { c } else { 'e' }).collect()
}

/// Twenty letters and digits from the operating system.
pub(super) fn random_password() -> String {
    rand::rng().sample_iter(Alphanumeric).take(20).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_come_every_time_and_all_of_them() {
        let stream = || {
            let mut people = People::new(200, &["prov_a".into(), "prov_b".into()]);
            (0..200).map(|_| people.next_lead().payload.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(stream(), stream());
        for hours in [28 * 24, 28 * 24 + 1, 33 * 24 + 17] {
            let counts = People::new(3200, &[]).per_hour(hours);
            assert_eq!((counts.len(), counts.iter().sum::<usize>()), (hours, 3200));
        }
    }
}
