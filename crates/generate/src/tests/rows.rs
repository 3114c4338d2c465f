use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use nutkin_types::Value;

use crate::{Generator, Table};

fn row(table: Table, seed: u64, row: u64) -> Vec<Value> {
    let batch = Generator::new(table, seed).rows(row..row + 1).unwrap();
    let columns = batch.columns().iter().zip(table.schema().columns.iter().cloned().collect::<Vec<_>>());
    columns.map(|(array, column)| Value::from_array(array, &column.data_type.logical, 0).unwrap()).collect()
}

fn shown(table: Table, n: u64) -> String {
    row(table, 42, n).iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn golden_rows() {
    assert_eq!(shown(Table::Orders, 0), ORDER_0);
    assert_eq!(shown(Table::Clicks, 7), CLICK_7);
    assert_eq!(shown(Table::Customers, 300), CUSTOMER_300);
    assert_eq!(shown(Table::Products, 5), PRODUCT_5);
}

const ORDER_0: &str = r#"String("e9290f95-5a4c-47bb-a44f-de2e9761a9b4") Integer(3174) String("1391") Double(75.9)"#;
const CLICK_7: &str = r#"String("df112468-7a49-4855-b394-c79ba94b326b") Integer(3688) String("https://www.acme.com/product/ykfnc") String("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0") Integer(117)"#;
const CUSTOMER_300: &str = r#"Integer(3049) String("Noah Lopez") String("275 Chestnut Square") String("59143") String("Westdale") String("noah.lopez3049@example.com")"#;
const PRODUCT_5: &str =
    r#"String("1005") String("Ergonomic Steel Wallet") String("Pinecrest") String("Lantern Group") String("Jewelry")"#;

#[test]
fn rows_do_not_depend_on_the_batch_nor_on_the_projection() {
    for table in Table::ALL {
        let generator = Generator::new(table, 1);
        let all = generator.rows(0..2000).unwrap();
        let mut parts: Vec<RecordBatch> = Vec::new();
        for start in (0..2000).step_by(333) {
            parts.push(generator.rows(start..(start + 333).min(2000)).unwrap());
        }
        let columns = table.schema().len();
        let mut offset = 0;
        for part in &parts {
            assert_eq!(&all.slice(offset, part.num_rows()), part);
            offset += part.num_rows();
        }
        let last = generator.clone().with_projection(&[columns - 1, 0]).unwrap().rows(0..2000).unwrap();
        assert_eq!(last.column(0), all.column(columns - 1));
        assert_eq!(last.column(1), all.column(0));
        assert_eq!(generator.clone().with_projection(&[]).unwrap().rows(3..10).unwrap().num_rows(), 7);
        assert!(generator.with_projection(&[columns]).is_err());
    }
}

#[test]
fn another_seed_gives_other_rows() {
    assert_ne!(row(Table::Orders, 1, 0), row(Table::Orders, 2, 0));
}

#[test]
fn values_lie_in_their_ranges() {
    let orders = Generator::new(Table::Orders, 3).rows(0..5000).unwrap();
    assert!(orders.column(1).as_primitive::<Int32Type>().values().iter().all(|id| (3000..=3250).contains(id)));
    assert!(orders.column(3).as_primitive::<Float64Type>().values().iter().all(|p| (0.0..=100.0).contains(p)));
    let products = orders.column(2).as_string::<i32>();
    assert!((0..products.len()).all(|i| (1000..=1500).contains(&products.value(i).parse::<i32>().unwrap())));
    let clicks = Generator::new(Table::Clicks, 3).rows(0..5000).unwrap();
    assert!(clicks.column(1).as_primitive::<Int32Type>().values().iter().all(|id| (3000..=5000).contains(id)));
    assert!(clicks.column(4).as_primitive::<Int32Type>().values().iter().all(|t| (10..=120).contains(t)));
    let urls = clicks.column(2).as_string::<i32>();
    for i in 0..urls.len() {
        let end = urls.value(i).strip_prefix("https://www.acme.com/product/").unwrap();
        assert!(end.len() == 5 && end.bytes().all(|b| b.is_ascii_lowercase()));
    }
    let ids: BTreeSet<&str> = (0..5000).map(|i| clicks.column(0).as_string::<i32>().value(i)).collect();
    assert_eq!(ids.len(), 5000);
}

#[test]
fn the_first_rows_are_every_key_once() {
    let customers = Generator::new(Table::Customers, 9).rows(0..251).unwrap();
    let keys: BTreeSet<i32> = customers.column(0).as_primitive::<Int32Type>().values().iter().copied().collect();
    assert_eq!(keys.len(), 251);
    let products = Generator::new(Table::Products, 9).rows(0..501).unwrap();
    let keys: BTreeSet<&str> = (0..501).map(|i| products.column(0).as_string::<i32>().value(i)).collect();
    assert_eq!(keys.len(), 501);
}

#[test]
fn columns_are_those_of_the_specification() {
    let described = |table: Table| -> Vec<String> {
        table.schema().columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect()
    };
    assert_eq!(
        described(Table::Orders),
        [
            "order_id VARCHAR(2147483647) NOT NULL",
            "customer_id INT NOT NULL",
            "product_id VARCHAR(2147483647) NOT NULL",
            "price DOUBLE NOT NULL"
        ]
    );
    assert_eq!(described(Table::Clicks).len(), 5);
    assert_eq!(described(Table::Customers).len(), 6);
    assert_eq!(Table::from_name("products"), Some(Table::Products));
    assert_eq!(Table::Customers.primary_key(), [0]);
}
