//! CAST between texts and byte strings, and of byte strings to other lengths.

use nutkin_types::LogicalType as T;

use super::Plan;
use super::text::Fit;
use crate::registry::Kernel;
use crate::utf8;

/// The bytes as UTF-8 text.
pub(super) fn to_text(plan: &Plan) -> Option<Kernel> {
    let fit = Fit::of(&plan.to.logical)?;
    Some(Box::new(move |args| {
        let values = args.binaries(0)?;
        args.build_texts(|row, out| {
            Ok(values.get(row).map(|bytes| {
                out.push_str(&utf8::lossy(bytes));
                fit.apply(out);
            }))
        })
    }))
}

/// The UTF-8 bytes of a text, or the bytes themselves, cut to the length and padded with zeros when it is fixed.
pub(super) fn to_bytes(plan: &Plan) -> Option<Kernel> {
    let (length, pad) = match &plan.to.logical {
        T::Binary { length } => (*length as usize, true),
        T::VarBinary { length } => (*length as usize, false),
        _ => return None,
    };
    let from_text = plan.from.logical.is_character_string();
    let fit = move |bytes: &[u8], out: &mut Vec<u8>| {
        out.extend_from_slice(&bytes[..bytes.len().min(length)]);
        if pad {
            out.resize(length, 0);
        }
    };
    Some(Box::new(move |args| {
        if from_text {
            let values = args.texts(0)?;
            return args.build_binaries(|row, out| Ok(values.get(row).map(|text| fit(text.as_bytes(), out))));
        }
        let values = args.binaries(0)?;
        args.build_binaries(|row, out| Ok(values.get(row).map(|bytes| fit(bytes, out))))
    }))
}
