//! JSON of any height.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::json::from_slice;

/// As an expression is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf(String),
    Call { name: String, args: Vec<Tree> },
}

fn chain(levels: usize) -> Tree {
    (0..levels).fold(Tree::Leaf("}]\\\"[{".to_owned()), |tree, level| Tree::Call {
        name: format!("f{level}"),
        args: vec![Tree::Leaf(format!("\"{level}[")), tree, Tree::Call { name: "g".to_owned(), args: Vec::new() }],
    })
}

fn on_large_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn trees_of_any_height_are_read_as_they_were_written() {
    on_large_stack(|| {
        for levels in [0, 1, 30, 40, 41, 42, 43, 66, 67, 100, 1000, 2000] {
            let tree = chain(levels);
            let text = serde_json::to_vec(&tree).unwrap();
            assert!(serde_json::from_slice::<Tree>(&text).is_ok() == (levels < 42), "{levels}");
            assert!(from_slice::<Tree>(&text).unwrap() == tree, "{levels}");
        }
    });
}

#[test]
fn many_high_trees_beside_each_other_keep_their_places() {
    on_large_stack(|| {
        let nested = |n: u64| (0..250).fold(json!(n), |value, level| json!([value, level]));
        let all: Vec<Value> = (0..40).map(nested).collect();
        let text = serde_json::to_vec(&json!({"a": all, "b": {"c": nested(99)}})).unwrap();
        let read: Value = from_slice(&text).unwrap();
        assert!(read["a"] == json!(all) && read["b"]["c"] == nested(99));
    });
}

#[test]
fn what_is_no_json_is_refused() {
    let high = "[".repeat(300);
    for text in [
        high.clone(),
        format!("{high}1{}", "]".repeat(299)),
        format!("{high}1{}]", "]".repeat(300)),
        format!("{high}x{}", "]".repeat(300)),
        format!("{high}\""),
    ] {
        assert!(from_slice::<Value>(text.as_bytes()).is_err(), "{text}");
    }
    assert!(from_slice::<Value>(b"").is_err() && from_slice::<u8>(b"[1]").is_err());
}
