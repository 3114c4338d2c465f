//! What every format promises of payloads it has never seen the like of.
//!
//! A damaged payload becomes a row or an error of its own row; the rows beside it are what they are without it. What was
//! read can be written, and comes back. A projection is the full row with columns left out.

use arrow_array::{Array, ArrayRef};
use nutkin_formats::{
    Decoded, DecodedColumn, Decoder, Encoder, FormatConfig, Framing, Payloads, RecordError, Rows, SchemaKind,
};
use nutkin_types::RowField;

use crate::run::Check;
use crate::samples;

const FRAMINGS: [Framing; 3] = [Framing::Registry, Framing::RegistryOrBare, Framing::Bare];

fn config(kind: SchemaKind, framing: Framing) -> FormatConfig {
    FormatConfig { framing, ..FormatConfig::registry(samples::schema(kind)) }
}

fn encode(config: &FormatConfig) -> Payloads {
    let rows = samples::rows();
    let encoder = Encoder::new(config.clone(), &samples::columns()).unwrap();
    encoder.encode(&rows, &Rows::Range(0..rows[0].len())).unwrap()
}

/// The sample rows, with schema id and without.
pub fn samples(kind: SchemaKind) -> Vec<Vec<u8>> {
    let payloads = [Framing::Registry, Framing::Bare].map(|framing| encode(&config(kind, framing)));
    payloads.iter().flat_map(|payloads| payloads.iter().map(|payload| payload.unwrap().to_vec())).collect()
}

/// Reads an input among good payloads, in every framing.
pub fn check(kind: SchemaKind) -> Check {
    let mut readers = FRAMINGS.map(|framing| Reader::new(config(kind, framing)));
    Box::new(move |input| readers.iter_mut().fold(false, |read, reader| reader.check(input) | read))
}

/// The row of the input in a batch of a good payload, the input, null and another good payload.
const ROW: usize = 1;

struct Reader {
    config: FormatConfig,
    columns: Vec<RowField>,
    decoder: Decoder,
    /// First, last and one of the inner columns, each decoded alone.
    projections: Vec<(usize, Decoder)>,
    encoder: Encoder,
    good: Payloads,
    expected: Vec<ArrayRef>,
}

impl Reader {
    fn new(config: FormatConfig) -> Reader {
        let columns = samples::columns();
        let wanted = samples::wanted(&columns);
        let decoder = |columns: &[DecodedColumn]| Decoder::new(config.clone(), columns).unwrap();
        let projections = [0, 9, columns.len() - 1].map(|at| (at, decoder(&wanted[at..=at])));
        let mut reader = Reader {
            decoder: decoder(&wanted),
            projections: projections.into(),
            encoder: Encoder::new(config.clone(), &columns).unwrap(),
            good: encode(&config),
            expected: Vec::new(),
            config,
            columns,
        };
        let decoded = reader.decoder.decode(&[reader.good.get(0), None, None, reader.good.get(1)]).unwrap();
        assert_eq!(decoded.errors, vec![]);
        reader.expected = decoded.columns;
        reader
    }

    /// Whether the input is a row.
    fn check(&mut self, input: &[u8]) -> bool {
        let batch = [self.good.get(0), Some(input), None, self.good.get(1)];
        let decoded = decode(&mut self.decoder, &self.config, &batch);
        valid(&decoded, batch.len());
        for (found, expected) in decoded.columns.iter().zip(&self.expected) {
            for row in [0, 2, 3] {
                assert_eq!(&found.slice(row, 1), &expected.slice(row, 1), "row {row}, which is not damaged");
            }
        }
        match decoded.errors.as_slice() {
            [] => {
                self.projections_select(input, &decoded);
                self.comes_back(&decoded);
                true
            }
            [RecordError { row: ROW, message, .. }] => {
                assert!(!message.is_empty());
                assert!(decoded.columns.iter().all(|column| column.is_null(ROW)), "an unreadable row is not NULL");
                false
            }
            errors => panic!("errors of other rows: {errors:?}"),
        }
    }

    fn projections_select(&mut self, input: &[u8], full: &Decoded) {
        let batch = &[self.good.get(0), Some(input), None, self.good.get(1)];
        for (at, decoder) in &mut self.projections {
            let name = &self.columns[*at].name;
            let part = decode(decoder, &self.config, batch);
            valid(&part, batch.len());
            assert_eq!(part.errors, vec![], "column {} alone", name);
            assert_eq!(&part.columns[0], &full.columns[*at], "column {} alone", name);
        }
    }

    fn comes_back(&mut self, decoded: &Decoded) {
        // What a reader lets through can be more than a writer allows, such as NULL for want of a default.
        let Ok(written) = self.encoder.encode(&decoded.columns, &Rows::Range(ROW..ROW + 1)) else { return };
        let again = self.decoder.decode(&[written.get(0)]).unwrap();
        assert_eq!(again.errors, vec![], "what was written: {:?}", written.get(0));
        for (found, column) in again.columns.iter().zip(&decoded.columns) {
            assert_eq!(found, &column.slice(ROW, 1), "what was written: {:?}", written.get(0));
        }
    }
}

/// Decodes; a schema that is asked for does not exist.
pub fn decode(decoder: &mut Decoder, config: &FormatConfig, batch: &[Option<&[u8]>]) -> Decoded {
    decoder.decode(batch).unwrap_or_else(|missing| {
        assert_ne!(missing.id, samples::SCHEMA_ID);
        assert_ne!(config.framing, Framing::Bare);
        decoder.add_unknown_schema(missing.id, "no such schema");
        decoder.decode(batch).unwrap()
    })
}

/// What is true of every batch of `rows` payloads.
pub fn valid(decoded: &Decoded, rows: usize) {
    for column in &decoded.columns {
        assert_eq!(column.len(), rows);
        column.to_data().validate_full().unwrap();
    }
    assert!(decoded.errors.is_sorted_by(|a, b| a.row < b.row) && decoded.errors.iter().all(|error| error.row < rows));
}
