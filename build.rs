//! Cuts libphonenumber's metadata into one piece for each country calling code.
//!
//! The library reads the rules of all countries before it answers about one number, which takes a tenth of a second:
//! ten times what the rest of `carnet add` takes. Here its own tables are split at build time, unchanged but for the
//! rules of printing, so that a number is read with the pieces of its own code alone (src/domain/phone/plan.rs).

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use phonenumber::metadata::{DATABASE, Descriptor, Metadata, loader};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let codes: BTreeSet<u16> = DATABASE.iter().map(Metadata::country_code).collect();
    let mut pieces = String::from("const PIECES: &[Piece] = &[\n");
    for code in codes {
        // In the library's own order: the first country whose rule fits is the number's.
        let regions = DATABASE.region(&code).ok_or("a code without a country")?;
        let plans: Vec<loader::Metadata> =
            regions.iter().filter_map(|region| DATABASE.by_id(*region)).map(plan).collect();
        if plans.len() != regions.len() {
            return Err(format!("code {code}: a country without rules").into());
        }
        std::fs::write(out.join(format!("{code}.plan")), postcard::to_stdvec(&plans)?)?;
        writeln!(
            pieces,
            "Piece {{ code: {code}, countries: &{regions:?}, \
             plans: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{code}.plan\")) }},"
        )?;
    }
    pieces.push_str("];\n");
    std::fs::write(out.join("plans.rs"), pieces)?;
    Ok(())
}

/// The rules of one country without those of printing, in the form that the library reads.
fn plan(of: &Metadata) -> loader::Metadata {
    let kinds = of.descriptors();
    let kind = |kind: Option<&Descriptor>| {
        kind.map(|kind| loader::Descriptor {
            national_number: Some(kind.national_number().as_str().to_owned()),
            possible_length: kind.possible_length().to_vec(),
            possible_local_length: kind.possible_local_length().to_vec(),
            example: None,
        })
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    loader::Metadata {
        general: kind(Some(kinds.general())),
        fixed_line: kind(kinds.fixed_line()),
        mobile: kind(kinds.mobile()),
        toll_free: kind(kinds.toll_free()),
        premium_rate: kind(kinds.premium_rate()),
        shared_cost: kind(kinds.shared_cost()),
        personal_number: kind(kinds.personal_number()),
        voip: kind(kinds.voip()),
        pager: kind(kinds.pager()),
        uan: kind(kinds.uan()),
        emergency: kind(kinds.emergency()),
        voicemail: kind(kinds.voicemail()),
        short_code: kind(kinds.short_code()),
        standard_rate: kind(kinds.standard_rate()),
        carrier: kind(kinds.carrier()),
        no_international: kind(kinds.no_international()),
        id: Some(of.id().to_owned()),
        country_code: Some(of.country_code()),
        international_prefix: of.international_prefix().map(|re| re.as_str().to_owned()),
        preferred_international_prefix: text(of.preferred_international_prefix()),
        national_prefix: text(of.national_prefix()),
        preferred_extension_prefix: text(of.preferred_extension_prefix()),
        national_prefix_for_parsing: of.national_prefix_for_parsing().map(|re| re.as_str().to_owned()),
        national_prefix_transform_rule: text(of.national_prefix_transform_rule()),
        main_country_for_code: of.is_main_country_for_code(),
        leading_digits: of.leading_digits().map(|re| re.as_str().to_owned()),
        mobile_number_portable: of.is_mobile_number_portable(),
        ..loader::Metadata::default()
    }
}
