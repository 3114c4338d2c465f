use crate::ids::IdAssigner;

#[test]
fn ids_depend_on_meaning_and_inputs_only() {
    let mut first = IdAssigner::default();
    let scan = first.assign("StreamTableSourceScan", "orders", &[]);
    let calc = first.assign("StreamCalc", "a > 1", &[&scan]);
    let mut second = IdAssigner::default();
    second.assign("StreamTableSourceScan", "customers", &[]);
    let scan_again = second.assign("StreamTableSourceScan", "orders", &[]);
    assert_eq!(scan, scan_again);
    assert_eq!(calc, second.assign("StreamCalc", "a > 1", &[&scan_again]));
    assert_ne!(calc, second.assign("StreamCalc", "a > 1", &[&scan_again]), "an equal one gets an ordinal");
    assert_eq!(scan.0, "a76e75a86bd21a5a", "ids are stored with state and must never change");
}
