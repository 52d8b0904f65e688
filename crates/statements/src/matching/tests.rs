//! The examples of field 5.8, and what must hold for any line.

use kernel::{Currency, Date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::model::{StatementReturn, StatementReturnReason};

const IBAN: &str = "FR7630003012340005556667761";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn line(label: &str, amount: &str) -> StatementLine {
    StatementLine {
        external_id: format!("{label}/{amount}"),
        booked_on: day("2025-03-14"),
        value_on: None,
        amount: decimal(amount),
        currency: Currency::EUR,
        label: label.to_owned(),
        counterparty: None,
        counterparty_iban: None,
        end_to_end_id: None,
        references: Vec::new(),
        remittance: None,
        transaction_code: None,
        charges: None,
        returned: None,
    }
}

fn item(id: u128, number: &str, open: &str) -> OpenItem {
    OpenItem {
        id: Uuid::from_u128(id),
        number: number.to_owned(),
        party_id: Uuid::from_u128(1_000),
        party_name: "Client Exemple SARL".to_owned(),
        party_ibans: vec!["FR76 3000 3012 3400 0555 6667 761".to_owned()],
        amount_open: decimal(open),
        currency: Currency::EUR,
        issued_on: day("2025-02-10"),
        due_on: Some(day("2025-03-10")),
        is_credit: false,
    }
}

fn of(party: u128, name: &str, item: OpenItem) -> OpenItem {
    OpenItem { party_id: Uuid::from_u128(party), party_name: name.to_owned(), party_ibans: Vec::new(), ..item }
}

fn suggestions(line: &StatementLine, items: &[OpenItem]) -> Vec<StatementSuggestion> {
    suggest_all(std::slice::from_ref(line), items, &[]).remove(0)
}

/// The items of each suggestion with what they take, and whether it is automatic.
fn short(suggestions: &[StatementSuggestion]) -> Vec<(Vec<(u128, String)>, bool)> {
    let items = |suggestion: &StatementSuggestion| {
        suggestion.items.iter().map(|item| (item.item_id.as_u128(), item.amount.to_string())).collect()
    };
    suggestions.iter().map(|suggestion| (items(suggestion), suggestion.automatic)).collect()
}

fn one(id: u128, amount: &str, automatic: bool) -> (Vec<(u128, String)>, bool) {
    (vec![(id, amount.to_owned())], automatic)
}

#[test]
fn a_number_in_the_label_with_its_balance_is_automatic() {
    let items =
        [item(1, "FAC-2025-0012", "361.48"), item(2, "FAC-2025-0013", "361.48"), item(3, "FAC-2025-001", "361.48")];
    for label in ["VIR FAC-2025-0012", "vir fac 2025 0012 merci", "FAC20250012", "REF:FAC-2025/0012.", "FAC-20 25-0012"]
    {
        let found = suggestions(&line(label, "361.48"), &items);
        assert_eq!(short(&found), [one(1, "361.48", true)], "{label}");
        assert_eq!((found[0].score, found[0].reason), (100, StatementMatchReason::NumberInLabel));
        assert_eq!(found[0].sentence(), "FAC-2025-0012 stands in the line; the amount is what is open");
    }
}

#[test]
fn two_invoices_with_the_amount_and_no_reference_are_two_suggestions() {
    let items = [item(1, "FAC-2025-0001", "100.00"), of(2_000, "Garage du Port", item(2, "FAC-2025-0002", "100.00"))];
    let found = suggestions(&line("VIREMENT", "100.00"), &items);
    assert_eq!(short(&found), [one(1, "100.00", false), one(2, "100.00", false)]);
    assert!(found.iter().all(|found| found.facts.contains(&StatementMatchFact::Ambiguous { count: 2 })));
}

#[test]
fn a_known_account_and_one_such_balance_is_automatic_and_two_are_not() {
    let from = StatementLine { counterparty_iban: Some(IBAN.to_owned()), ..line("VIREMENT", "100.00") };
    let late = OpenItem { due_on: Some(day("2024-01-01")), ..item(1, "FAC-2024-0001", "100.00") };
    assert_eq!(
        short(&suggestions(&from, &[late.clone(), item(2, "FAC-2025-0002", "80.00")])),
        [one(1, "100.00", true)]
    );
    let two = [late.clone(), item(2, "FAC-2025-0002", "100.00")];
    assert_eq!(short(&suggestions(&from, &two)), [one(1, "100.00", false), one(2, "100.00", false)]);
    // The label names another document: the account alone is not believed.
    let naming = StatementLine { label: "FAC-2025-0002".to_owned(), ..from };
    let found = suggestions(&naming, &[late, item(2, "FAC-2025-0002", "80.00")]);
    assert_eq!(short(&found), [one(1, "100.00", false), one(2, "80.00", false)]);
}

#[test]
fn an_equal_amount_counts_within_ten_days_of_the_due_date() {
    let anonymous = |due: &str| [OpenItem { due_on: Some(day(due)), ..of(9, "X", item(1, "FAC-2025-0001", "100.00")) }];
    for (due, found) in [("2025-03-04", 1), ("2025-03-24", 1), ("2025-03-03", 0), ("2025-03-25", 0)] {
        assert_eq!(suggestions(&line("VIREMENT", "100.00"), &anonymous(due)).len(), found, "{due}");
    }
}

#[test]
fn several_numbers_are_paid_together_when_they_sum_up() {
    let items = [item(1, "FAC-2025-0001", "100.00"), item(2, "FAC-2025-0002", "50.50")];
    let together = suggestions(&line("FAC-2025-0001 + FAC-2025-0002", "150.50"), &items);
    assert_eq!(short(&together), [(vec![(1, "100.00".to_owned()), (2, "50.50".to_owned())], true)]);
    let stranger = [items[0].clone(), of(2_000, "Garage du Port", items[1].clone())];
    assert!(!suggestions(&line("FAC-2025-0001 + FAC-2025-0002", "150.50"), &stranger)[0].automatic);
    let credit = [items[0].clone(), OpenItem { is_credit: true, ..item(2, "AV-2025-0002", "50.50") }];
    let found = suggestions(&line("FAC-2025-0001 moins AV-2025-0002", "49.50"), &credit);
    assert_eq!(short(&found)[0], (vec![(2, "-50.50".to_owned()), (1, "100.00".to_owned())], false));
}

#[test]
fn partial_and_over_payments_are_never_automatic() {
    let items = [item(1, "FAC-2025-0001", "100.00")];
    let partial = suggestions(&line("FAC-2025-0001", "40.00"), &items);
    assert_eq!((short(&partial), partial[0].unallocated), (vec![one(1, "40.00", false)], Decimal::ZERO));
    let over = suggestions(&line("FAC-2025-0001", "120.00"), &items);
    assert_eq!((short(&over), over[0].unallocated), (vec![one(1, "100.00", false)], decimal("20.00")));
}

#[test]
fn one_number_for_two_documents_is_ambiguous() {
    let items = [item(1, "FAC-2025-0001", "100.00"), of(2_000, "Garage du Port", item(2, "FAC2025-0001", "100.00"))];
    assert_eq!(
        short(&suggestions(&line("FAC-2025-0001", "100.00"), &items)),
        [one(1, "100.00", false), one(2, "100.00", false)]
    );
    let reading = [item(1, "FAC-2025-0012", "100.00"), item(2, "FAC-2025-00123", "100.00")];
    assert!(suggestions(&line("FAC-2025-0012 3", "100.00"), &reading).iter().all(|found| !found.automatic));
}

#[test]
fn a_short_number_is_a_suggestion_at_most() {
    let items = [OpenItem { due_on: Some(day("2024-01-01")), ..of(9, "X", item(1, "12", "100.00")) }];
    assert_eq!(short(&suggestions(&line("VIR DU 12/03", "100.00"), &items)), [one(1, "100.00", false)]);
    assert!(suggestions(&line("VIR DU 12/03", "90.00"), &items).is_empty());
}

#[test]
fn documents_of_a_customer_known_by_account_or_name_are_combined() {
    let items =
        [item(1, "FAC-2025-0001", "100.00"), item(2, "FAC-2025-0002", "50.50"), item(3, "FAC-2025-0003", "7.00")];
    let by_name = StatementLine { counterparty: Some("EXEMPLE CLIENT".to_owned()), ..line("VIREMENT", "107.00") };
    let found = suggestions(&by_name, &items);
    assert_eq!(short(&found), [(vec![(1, "100.00".to_owned()), (3, "7.00".to_owned())], false)]);
    assert_eq!(found[0].reason, StatementMatchReason::Combination);
    assert!(suggestions(&line("VIREMENT", "107.00"), &items).is_empty());
    let by_account = StatementLine { counterparty_iban: Some(IBAN.to_owned()), ..line("VIREMENT", "120.00") };
    let oldest = suggestions(&by_account, &items);
    assert_eq!(short(&oldest), [(vec![(1, "100.00".to_owned()), (2, "20.00".to_owned())], false)]);
}

#[test]
fn the_end_to_end_id_and_structured_references_count_as_labels() {
    let items = [item(1, "FAC-2025-0012", "361.48")];
    let by_id = StatementLine { end_to_end_id: Some("FAC20250012".to_owned()), ..line("VIREMENT", "361.48") };
    let found = suggestions(&by_id, &items);
    assert_eq!((short(&found), found[0].reason), (vec![one(1, "361.48", true)], StatementMatchReason::EndToEndEqual));
    let by_reference = StatementLine { references: vec!["RF18FAC20250012".to_owned()], ..line("", "361.48") };
    assert_eq!(short(&suggestions(&by_reference, &items)), [one(1, "361.48", true)]);
}

#[test]
fn money_that_goes_out_refunds_credit_notes_and_other_currencies_pay_nothing() {
    let items = [item(1, "FAC-2025-0001", "100.00"), OpenItem { is_credit: true, ..item(2, "AV-2025-0001", "100.00") }];
    let refund = suggestions(&line("REMBOURSEMENT AV-2025-0001", "-100.00"), &items);
    assert_eq!((short(&refund), refund[0].kind), (vec![one(2, "100.00", true)], StatementSuggestionKind::Refund));
    assert!(suggestions(&line("FAC-2025-0001", "-90.00"), &items[..1]).is_empty());
    let dollars = StatementLine { currency: Currency::USD, ..line("FAC-2025-0001", "100.00") };
    assert!(suggestions(&dollars, &items).is_empty());
    assert!(suggestions(&line("FAC-2025-0001", "0"), &items).is_empty());
}

#[test]
fn two_lines_do_not_pay_one_document_automatically() {
    let items = [item(1, "FAC-2025-0001", "100.00")];
    let early = StatementLine { booked_on: day("2025-03-01"), ..line("FAC-2025-0001", "100.00") };
    let found = suggest_all(&[line("FAC-2025-0001", "100.00"), early], &items, &[]);
    assert_eq!((found[0][0].automatic, found[1][0].automatic), (false, true));
    assert!(
        found[0][0].score <= rules::MAX_UNSURE && found[0][0].facts.contains(&StatementMatchFact::PaidByAnotherLine)
    );
}

#[test]
fn what_came_back_is_held_against_earlier_payments() {
    let payment = |id, reference: &str, amount: &str, on: &str| Payment {
        id: Uuid::from_u128(id),
        reference: Some(reference.to_owned()),
        amount: decimal(amount),
        currency: Currency::EUR,
        received_on: day(on),
    };
    let payments = [
        payment(1, "FAC-2025-0027", "100.00", "2025-03-01"),
        payment(2, "FAC-2025-0028", "100.00", "2025-03-02"),
        payment(3, "0098123", "150.00", "2025-02-20"),
        payment(4, "FAC-2025-0030", "100.00", "2025-03-20"),
        payment(5, "FAC-2024-0001", "100.00", "2024-03-20"),
    ];
    let found = |line: &StatementLine| {
        let found = suggest_all(std::slice::from_ref(line), &[item(9, "FAC-2025-0027", "100.00")], &payments).remove(0);
        assert!(found.iter().all(|found| found.kind == StatementSuggestionKind::Bounce && !found.automatic));
        found.iter().map(|found| (found.payment_id.unwrap().as_u128(), found.score)).collect::<Vec<_>>()
    };
    let reason = Some(StatementReturnReason("AM04".to_owned()));
    let end_to_end_id = Some("FAC-2025-0027".to_owned());
    let returned = Some(StatementReturn { reason, end_to_end_id, mandate_id: None });
    let debit = StatementLine { returned, charges: Some(decimal("3.00")), ..line("REJET", "-103.00") };
    assert_eq!(found(&debit), [(1, 90), (2, 50)]);
    assert_eq!(found(&line("CHEQUE IMPAYE 0098123", "-150.00")), [(3, 90)]);
    assert_eq!(found(&line("REJET DE PRELEVEMENT", "-100.00")), [(2, 50), (1, 50)]);
    for fee in ["FRAIS REJET PRLVT", "SEPA-Lastschrift Strom"] {
        assert!(!returns::is_return(&line(fee, "-100.00")), "{fee}");
    }
    for back in ["SEPA-Rücklastschrift", "Retour prlv. Télécom SARL", "CHQ IMPAYÉS"] {
        assert!(returns::is_return(&line(back, "-100.00")) && !returns::is_return(&line(back, "100.00")), "{back}");
    }
}

#[test]
fn ten_thousand_lines_are_held_against_ten_thousand_documents_in_seconds() {
    let items: Vec<_> = (0..10_000_u128)
        .map(|id| OpenItem {
            party_id: Uuid::from_u128(id / 5),
            party_name: format!("Client {} Exemple", id / 5),
            amount_open: Decimal::new(i64::try_from(id % 400).unwrap() * 100 + 5_000, 2),
            ..item(id, &format!("FAC-2025-{id:04}"), "1.00")
        })
        .collect();
    let lines: Vec<_> = (0..10_000_usize)
        .map(|at| StatementLine {
            amount: items[at].amount_open,
            counterparty: Some(items[at].party_name.clone()),
            ..line(
                &format!(
                    "VIR SEPA RECU /DE {} /MOTIF {}",
                    items[at].party_name,
                    if at % 2 == 0 { &items[at].number } else { "LOYER" }
                ),
                "1.00",
            )
        })
        .collect();
    let start = std::time::Instant::now();
    let found = suggest_all(&lines, &items, &[]);
    println!("10 000 lines against 10 000 documents: {:?}", start.elapsed());
    assert!(start.elapsed().as_secs() < 60, "even unoptimised");
    assert_eq!(found.iter().filter(|found| found.first().is_some_and(|best| best.automatic)).count(), 5_000);
}

fn any_item() -> impl Strategy<Value = OpenItem> {
    (0_u128..12, 0_u32..4, 1_i64..6, 0_u128..3, any::<bool>(), 0_i32..30)
        .prop_map(|(id, number, open, party, is_credit, days)| OpenItem {
            due_on: Some(day("2025-03-01").plus_days(days)),
            is_credit,
            ..of(
                party,
                ["Client Exemple", "Garage du Port", "Hélène Abiven"][usize::try_from(party).unwrap()],
                item(id * 10 + party, &format!("FAC-2025-{number:04}"), &format!("{open}0.00")),
            )
        })
        .prop_map(|item| OpenItem {
            party_ibans: if item.party_id.as_u128() == 0 { vec![IBAN.to_owned()] } else { Vec::new() },
            ..item
        })
}

fn any_line() -> impl Strategy<Value = StatementLine> {
    (-12_i64..12, prop::collection::vec(0_u32..4, 0..4), any::<bool>(), 0_usize..4).prop_map(
        |(tens, numbers, is_known, name)| {
            let label = numbers.iter().map(|number| format!("FAC-2025-{number:04}")).collect::<Vec<_>>().join(" ");
            StatementLine {
                counterparty_iban: is_known.then(|| IBAN.to_owned()),
                counterparty: ["", "EXEMPLE CLIENT", "GARAGE DU PORT", "ABIVEN"].get(name).map(ToString::to_string),
                ..line(&label, &format!("{}.00", tens * 10))
            }
        },
    )
}

proptest! {
    #[test]
    fn nothing_is_allocated_twice_or_beyond_what_there_is(
        lines in prop::collection::vec(any_line(), 1..5),
        items in prop::collection::vec(any_item(), 0..12),
    ) {
        let mut items = items;
        items.sort_by_key(|item| item.id);
        items.dedup_by_key(|item| item.id);
        let all = suggest_all(&lines, &items, &[]);
        let mut taken = HashSet::new();
        for (line, found) in lines.iter().zip(&all) {
            prop_assert!(found.len() <= MAX_SUGGESTIONS);
            prop_assert!(found.iter().filter(|found| found.automatic).count() <= 1);
            for suggestion in found {
                let mut sum = Decimal::ZERO;
                for allocation in &suggestion.items {
                    let item = items.iter().find(|item| item.id == allocation.item_id).unwrap();
                    let is_own = item.is_credit == line.amount.is_sign_negative();
                    prop_assert!(allocation.amount.abs() <= item.amount_open && !allocation.amount.is_zero());
                    prop_assert_eq!(allocation.amount.is_sign_positive(), is_own);
                    prop_assert!(!suggestion.automatic || allocation.amount == item.amount_open);
                    prop_assert!(!suggestion.automatic || taken.insert(item.id));
                    sum += allocation.amount;
                }
                prop_assert!(sum > Decimal::ZERO && sum <= line.amount.abs());
                prop_assert_eq!(sum + suggestion.unallocated, line.amount.abs());
                prop_assert!(suggestion.score <= 100 && suggestion.automatic == (suggestion.score >= 95));
            }
        }
    }

    #[test]
    fn the_order_of_documents_makes_no_difference(
        lines in prop::collection::vec(any_line(), 1..4),
        (items, shuffled) in prop::collection::vec(any_item(), 0..10).prop_flat_map(|mut items| {
            items.sort_by_key(|item| item.id);
            items.dedup_by_key(|item| item.id);
            (Just(items.clone()), Just(items).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(suggest_all(&lines, &items, &[]), suggest_all(&lines, &shuffled, &[]));
    }
}
