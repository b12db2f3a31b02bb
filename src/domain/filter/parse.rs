//! The filter language's grammar (winnow), and errors that point at the place.
//!
//! ```text
//! filter = or
//! or     = and ("or" and)*
//! and    = unary (["and"] unary)*
//! unary  = "not" unary | "(" or ")" | term
//! term   = "has:" FIELD | FIELD OP VALUE | "@" NAME | VALUE
//! OP     = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! VALUE  = WORD | '"' … '"' | "'" … "'"            in quotes, \ takes the next character as it is
//! ```

use winnow::ascii::{Caseless, multispace0};
use winnow::combinator::{
    alt, cut_err, delimited, dispatch, eof, fail, opt, peek, preceded, repeat, terminated,
};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, none_of, one_of, take_while};

use super::eval::number;
use super::field::{FIELDS, Known};
use super::when::{self, Span};
use super::{Expr, Field, Kind, Op, Term, Value};
use crate::domain::fold::fold;
use crate::domain::ids::Slug;
use crate::error::Error;

/// The text, where one is in it, and what is known on the way.
type Input<'a> = Stateful<LocatingSlice<&'a str>, State>;

/// How many brackets are open, and the fields that there are.
#[derive(Clone, Copy, Debug)]
struct State {
    depth: usize,
    fields: &'static [Known],
}
type Parsed<T> = Result<T, ErrMode<Fault>>;

/// The longest filter that is read, in bytes, and the deepest brackets.
const LONGEST: usize = 8192;
const DEEPEST: usize = 64;

/// What is wrong, and where (a byte's place).
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    at: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Unexpected,
    NoField { nearest: Option<&'static str>, fields: &'static [Known] },
    NoNumber,
    NoSearchName,
    NoValue,
    NoDate { span: bool },
    NoOrder { field: &'static str },
    Unclosed { quote: char },
    Deep,
}

impl ParserError<Input<'_>> for Fault {
    type Inner = Fault;
    fn from_input(input: &Input<'_>) -> Fault {
        Fault { at: input.current_token_start(), what: What::Unexpected }
    }
    fn into_inner(self) -> Result<Fault, Fault> {
        Ok(self)
    }
}

/// Reads a whole filter; none when there is nothing but spaces.
pub(super) fn filter(text: &str, fields: &'static [Known]) -> Result<Option<Expr>, Error> {
    if text.len() > LONGEST {
        return Err(Error::usage(format!("the filter is longer than {LONGEST} bytes")).at("filter"));
    }
    if text.trim().is_empty() {
        return Ok(None);
    }
    let mut input = Input { input: LocatingSlice::new(text), state: State { depth: 0, fields } };
    let whole = terminated(or, (multispace0, eof::<_, ErrMode<Fault>>)).parse_next(&mut input);
    whole.map(Some).map_err(|e| {
        let fault = e.into_inner().unwrap_or(Fault { at: text.len(), what: What::Unexpected });
        let before = text.get(..fault.at).unwrap_or(text);
        error(&fault.what, before, text.len() == fault.at)
    })
}

fn cut(at: usize, what: What) -> ErrMode<Fault> {
    ErrMode::Backtrack(Fault { at, what }).cut()
}

fn or(input: &mut Input<'_>) -> Parsed<Expr> {
    let mut list = vec![and(input)?];
    while opt(preceded(multispace0, keyword("or"))).parse_next(input)?.is_some() {
        list.push(cut_err(and).parse_next(input)?);
    }
    Ok(one_or(list, Expr::Or))
}

fn and(input: &mut Input<'_>) -> Parsed<Expr> {
    let mut list = vec![unary(input)?];
    loop {
        multispace0.parse_next(input)?;
        if opt(keyword("and")).parse_next(input)?.is_some() {
            list.push(cut_err(unary).parse_next(input)?);
            continue;
        }
        let over = alt((eof.void(), ")".void(), keyword("or")));
        if opt(peek(over)).parse_next(input)?.is_some() {
            return Ok(one_or(list, Expr::And));
        }
        list.push(cut_err(unary).parse_next(input)?);
    }
}

fn one_or(mut list: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match (list.len(), list.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            list.extend(last);
            many(list)
        }
    }
}

/// A word of the language: in any case, and with nothing but a space or a bracket behind it.
fn keyword<'a>(word: &'static str) -> impl Parser<Input<'a>, (), ErrMode<Fault>> {
    let end = alt((eof.void(), one_of((char::is_whitespace, '(', ')')).void()));
    (Caseless(word), peek(end)).void()
}

fn unary(input: &mut Input<'_>) -> Parsed<Expr> {
    multispace0.parse_next(input)?;
    let at = input.current_token_start();
    input.state.depth += 1;
    if input.state.depth > DEEPEST {
        return Err(cut(at, What::Deep));
    }
    let expr = alt((
        preceded(keyword("not"), cut_err(unary)).map(|e| Expr::Not(Box::new(e))),
        preceded("(", cut_err(bracket(at))),
        term,
    ))
    .parse_next(input)?;
    input.state.depth -= 1;
    Ok(expr)
}

/// What follows an opening bracket at `at`, with its closing one.
fn bracket<'a>(at: usize) -> impl Parser<Input<'a>, Expr, ErrMode<Fault>> {
    move |input: &mut Input<'a>| {
        let inner = or(input)?;
        multispace0.parse_next(input)?;
        match opt(")").parse_next(input)? {
            Some(_) => Ok(inner),
            None => Err(cut(at, What::Unclosed { quote: '(' })),
        }
    }
}

fn term(input: &mut Input<'_>) -> Parsed<Expr> {
    let at = input.current_token_start();
    if opt(peek(alt((keyword("and"), keyword("or"))))).parse_next(input)?.is_some() {
        return Err(cut(at, What::Unexpected));
    }
    if opt("@").parse_next(input)?.is_some() {
        let name = take_while(0.., |c: char| c.is_alphanumeric() || c == '-').parse_next(input)?;
        let name: Slug = name.parse().map_err(|_| cut(at, What::NoSearchName))?;
        return Ok(Expr::Saved(name, at));
    }
    let fields = input.state.fields;
    match opt((field_name, op)).parse_next(input)? {
        Some((name, op)) => {
            let value_at = {
                multispace0.parse_next(input)?;
                input.current_token_start()
            };
            if name.eq_ignore_ascii_case("has") && op == Op::Means {
                let of = opt(field_name).parse_next(input)?.ok_or_else(|| cut(value_at, What::NoValue))?;
                return Ok(Expr::Term(Term::Has(field(fields, &of, value_at)?)));
            }
            let field = field(fields, &name, at)?;
            let written = opt(value).parse_next(input)?.ok_or_else(|| cut(value_at, What::NoValue))?;
            let value = checked(&field, op, written, (at, value_at))?;
            Ok(Expr::Term(Term::Is(field, op, value)))
        }
        None => value.map(|text| Expr::Term(Term::Anywhere(fold(&text)))).parse_next(input),
    }
}

/// A field's name; behind `custom.` anything in quotes.
fn field_name(input: &mut Input<'_>) -> Parsed<String> {
    let plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let name: &str = take_while(1.., plain).parse_next(input)?;
    if name.eq_ignore_ascii_case("custom.") {
        let quoted = opt(quoted).parse_next(input)?.unwrap_or_default();
        return Ok(format!("custom.{quoted}"));
    }
    Ok(name.to_owned())
}

fn field(fields: &'static [Known], name: &str, at: usize) -> Parsed<Field> {
    let unknown = || What::NoField { nearest: Field::nearest(fields, name), fields };
    Field::named_in(fields, name).ok_or_else(|| cut(at, unknown()))
}

fn op(input: &mut Input<'_>) -> Parsed<Op> {
    let order = alt((
        "!=".value(Op::Differs),
        "<=".value(Op::AtMost),
        ">=".value(Op::AtLeast),
        "<".value(Op::Less),
        ">".value(Op::More),
        "=".value(Op::Equals),
    ));
    // `created:>2026` is what other programs' users type.
    alt((preceded((multispace0, opt(":")), order), ":".value(Op::Means))).parse_next(input)
}

fn value(input: &mut Input<'_>) -> Parsed<String> {
    let word = take_while(1.., |c: char| !c.is_whitespace() && !"()\"".contains(c));
    alt((quoted, word.map(str::to_owned))).parse_next(input)
}

fn quoted(input: &mut Input<'_>) -> Parsed<String> {
    let at = input.current_token_start();
    let inside = dispatch! { peek(any);
        '"' => text_in('"', at),
        '\'' => text_in('\'', at),
        _ => fail,
    };
    { inside }.parse_next(input)
}

fn text_in<'a>(quote: char, at: usize) -> impl Parser<Input<'a>, String, ErrMode<Fault>> {
    move |input: &mut Input<'a>| {
        let escaped = preceded('\\', any);
        let text = repeat(0.., alt((escaped, none_of([quote, '\\'])))).fold(String::new, |mut all, c| {
            all.push(c);
            all
        });
        let closed: Parsed<String> = delimited(quote, text, quote).parse_next(input);
        closed.map_err(|_| cut(at, What::Unclosed { quote }))
    }
}

/// The value as the field understands it; the places are the field's and the value's.
fn checked(field: &Field, op: Op, written: String, (at, value_at): (usize, usize)) -> Parsed<Value> {
    let ordered = !matches!(op, Op::Means | Op::Equals | Op::Differs);
    let text = |written: String| Value::Text { folded: fold(&written), written };
    let time = || {
        let days = when::day_word(&written).map(Value::Day);
        days.or_else(|| when::interval(&written).map(|(start, end)| Value::Time { start, end }))
    };
    let span = || Span::parse(&written).map(Value::Span);
    match field.kind() {
        Kind::Text | Kind::Word | Kind::Linked | Kind::Phone | Kind::Consent | Kind::Objection if ordered => {
            Err(cut(at, What::NoOrder { field: field.name() }))
        }
        Kind::Past | Kind::Ahead => {
            let value = if ordered { span().or_else(time) } else { time() };
            value.ok_or_else(|| cut(value_at, What::NoDate { span: !ordered && span().is_some() }))
        }
        Kind::Number => match number(&written) {
            // `1,200` may be twelve hundred or one and a fifth.
            Some(_) if written.rsplit_once([',', '.']).is_none_or(|(_, rest)| rest.len() != 3) => {
                Ok(text(written))
            }
            _ => Err(cut(value_at, What::NoNumber)),
        },
        Kind::Yearly if ordered => {
            span().or_else(time).ok_or_else(|| cut(value_at, What::NoDate { span: false }))
        }
        Kind::Custom if ordered => Ok(time().unwrap_or_else(|| text(written.clone()))),
        _ => Ok(text(written)),
    }
}

/// The sentence, the place and the remedy. What was typed is not repeated, for it may be about a person.
fn error(what: &What, before: &str, at_end: bool) -> Error {
    let place = format!("filter, character {}", before.chars().count() + 1);
    let error = match what {
        What::Unexpected if at_end => Error::usage("the filter ends too early")
            .hint("after `and`, `or`, `not` and `(` comes a condition, such as tag:prospect"),
        What::Unexpected => Error::usage("the filter cannot be understood here")
            .hint("put words with brackets, quotes or colons in quotes: 'note:\"see: (a)\"'"),
        What::NoNumber => Error::usage("that is no number").hint("amount>1200.50"),
        What::NoField { nearest, fields } if !std::ptr::eq(*fields, FIELDS.as_slice()) => {
            let error = Error::usage("deals have no such field");
            let all = || fields.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
            match nearest {
                Some(name) => error.hint(format!("did you mean `{name}:`?")),
                None => error.hint(format!("they have {}", all())),
            }
        }
        What::NoField { nearest, .. } => {
            let error = Error::usage("there is no such field");
            match nearest {
                Some(name) => error.hint(format!("did you mean `{name}:`? `carnet search fields` lists all")),
                None => error.hint(
                    "`carnet search fields` lists all; your own are custom.NAME; put words with a colon in quotes",
                ),
            }
        }
        What::NoSearchName => {
            Error::usage("after @ comes the name of a saved search").hint("`carnet search list` shows them")
        }
        What::NoValue => {
            Error::usage("a value is missing here").hint("for example tag:prospect, has:phone, last<90d")
        }
        What::NoDate { span: true } => Error::usage("a length of time is compared with < or >")
            .hint("last<90d is less than 90 days ago, last>6m longer ago than 6 months"),
        What::NoDate { span: false } => Error::usage("that is neither a date nor a length of time")
            .hint("dates are 2026-03-31, 2026-03, 2026, today; lengths are 36h, 90d, 2w, 3m, 1y"),
        What::NoOrder { field } => Error::usage("this field has no order that < and > could mean")
            .hint(format!("use `{field}:`, `{field}=` or `{field}!=`")),
        What::Unclosed { quote } => {
            Error::usage(format!("what {quote} opens here is never closed")).hint(match quote {
                '(' => "close it with )".to_owned(),
                quote => format!("close it with {quote}; inside, \\{quote} stands for {quote}"),
            })
        }
        What::Deep => Error::usage("the filter has too many brackets in each other"),
    };
    error.at(place)
}

pub(super) fn unknown_search(at: usize) -> Error {
    Error::not_found("there is no saved search of this name")
        .at(format!("filter, character {}", at + 1))
        .hint("`carnet search list` shows them")
}

pub(super) fn endless(at: usize) -> Error {
    Error::usage("saved searches name each other without end")
        .at(format!("filter, character {}", at + 1))
        .hint("`carnet search list` shows what they say")
}

/// An error inside of a saved search, named at `at`.
pub(super) fn inside(mut e: Error, at: usize) -> Error {
    let place = e.place.take().unwrap_or_default();
    e.at(format!("saved search named at character {}: {place}", at + 1))
}
