//! No plaintext of a contact anywhere but where the user exported it: a whole life of three contacts, then a search
//! of every byte that carnet and git left.

#[path = "../common/mod.rs"]
mod common;

mod planting;
mod search;
mod site;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Said, World, said};
use search::Searcher;

/// Words that stand in no program and no register.
const WORDS: [&str; 15] = [
    "Quatrebarbes",
    "Zéphyrine",
    "rarissime",
    "Ornithorynque",
    "Xylophoniste",
    "Bringuebalant",
    "Tourterelle",
    "Chaussepied",
    "PhotoMarkQX",
    "Carambouille",
    "Pathologie",
    "Somnambule",
    "Astronaute",
    "clandestin",
    "Bécassinville",
];
const NUMBERS: [&str; 3] = ["+33655512398", "+33755512497", "+33655512596"];

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bringuebalant;Théodule;;;\r\nFN:Théodule Bringuebalant\r\n\
    TEL;TYPE=CELL:+33 7 55 51 24 97\r\nEMAIL:theodule@bringuebalant.example\r\n\
    ADR;TYPE=HOME:;;3 rue de la Tourterelle;Lyon;;69001;France\r\nNOTE:aime le Chaussepied\r\n\
    PHOTO;ENCODING=b;TYPE=JPEG:eHh4UGhvdG9NYXJrUVh4eHh4eA==\r\nX-HOBBY:Xylophoniste\r\nEND:VCARD\r\n";
const TABLE: &str = "name,email,phone,note,Pathologie\n\
    Ildefonse Carambouille,ilde@carambouille.example,06 55 51 25 96,\"un Somnambule\",Carambouille aigu\n";

pub struct Scene {
    pub world: World,
}

/// Where programs leave things, beyond what a [`World`] has.
const PLACES: [(&str, &str); 3] =
    [("TMPDIR", "tmp"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")];

impl Scene {
    pub fn empty() -> Scene {
        let world = World::with_firm();
        for place in ["tmp", "cache", "state", "site", "outside"] {
            std::fs::create_dir(world.path().join(place)).unwrap();
        }
        Scene { world }
    }

    /// A program in this world, with its temporary files in it too.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
        let mut command = self.world.command(program, dir);
        for (name, place) in PLACES {
            command.env(name, self.world.path().join(place));
        }
        command
    }

    fn run(&self, args: &[&str]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_carnet"), &self.world.firm());
        said(command.args(args).output().unwrap())
    }

    fn input(&self, args: &[&str], input: &str) -> Said {
        let file = self.world.path().join("outside/input");
        std::fs::write(&file, input).unwrap();
        let mut command = self.command(env!("CARGO_BIN_EXE_carnet"), &self.world.firm());
        let stdin = Stdio::from(std::fs::File::open(&file).unwrap());
        said(command.args(args).stdin(stdin).output().unwrap())
    }

    /// Every place where something could have been left: word and place of each find, and how much was searched.
    pub fn search(&self, searcher: &Searcher) -> (Vec<String>, usize) {
        let (world, mut found) = (&self.world, Vec::new());
        let mut seen = searcher.files(&world.firm(), &mut found);
        for place in ["home", "data", "config", "gnupg", "run", "tmp", "cache", "state", "site"] {
            seen += searcher.files(&world.path().join(place), &mut found);
        }
        seen += searcher.repository(self, &world.firm(), &mut found);
        seen += searcher.repository(self, &world.firm().join(".git/carnet/keys.git"), &mut found);
        for entry in std::fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("carnet-") {
                searcher.files(&entry.path(), &mut found);
            }
        }
        (found, seen)
    }
}

/// A firm after a day with three contacts of rare names, one of them erased.
pub fn scene() -> Scene {
    let scene = Scene::empty();
    let outside = scene.world.path().join("outside");
    let searcher = Searcher::new(&WORDS, &NUMBERS);
    // What these say is about the work, not about the people.
    let silent = |said: Said| {
        let text = format!("{}{}", said.out, said.err);
        assert!(searcher.words_in(text.as_bytes()).is_empty(), "{text}");
    };
    let basis = ["--basis", "prospects:legitimate-interests", "--source", "salon de Bécassinville"];
    let add = ["add", "--name", "Zéphyrine Quatrebarbes", "--email", "zq@rarissime.example"];
    let more = ["--phone", "06 55 51 23 98", "--note", "possède un ornithorynque"];
    silent(scene.run(&[&add[..], &more, &basis].concat()).ok());
    silent(scene.input(&[&["import", "-", "--format", "vcard"][..], &basis].concat(), CARD).ok());
    silent(scene.input(&[&["import", "-", "--format", "csv"][..], &basis].concat(), TABLE).ok());
    silent(scene.input(&[&["import", "-", "--format", "csv"][..], &basis].concat(), TABLE).ok());
    silent(
        scene
            .input(&[&["import", "-", "--format", "csv"][..], &basis].concat(), "Quatrebarbes\n\0\n")
            .code(1),
    );

    let edit = ["edit", "Quatrebarbes", "--set", "title=Astronaute", "--set", "custom.pathologie=somnambule"];
    silent(scene.run(&[&edit[..], &["--add-tag", "clandestin"]].concat()).ok());
    let mut in_editor = scene.command(env!("CARGO_BIN_EXE_carnet"), &scene.world.firm());
    in_editor.args(["edit", "06 55 51 23 98"]).env("EDITOR", "sed -i s/Astronaute/Astronautess/");
    silent(said(in_editor.output().unwrap()).ok());

    assert!(scene.run(&["show", "zq@rarissime.example"]).ok().out.contains("Astronautess"));
    assert!(scene.run(&["show", "0755512497", "--json"]).ok().out.contains("Chaussepied"));
    assert!(scene.run(&["list"]).ok().out.contains("Carambouille"));
    assert!(scene.run(&["find", "xylophoniste"]).ok().out.contains("Bringuebalant"));
    assert!(scene.run(&["find", "ornithorynque", "--tag", "clandestin", "--json"]).ok().out.contains("Zéph"));
    silent(scene.run(&["find", "quatrebarbes", "bringuebalant"]).ok());
    silent(scene.run(&["show", "Quatrebarbes-Tourterelle"]).code(3));
    silent(scene.run(&["history"]).ok());
    silent(scene.run(&["history", "Zéphyrine"]).ok());
    assert!(scene.run(&["history", "Zéphyrine", "--diff"]).ok().out.contains("Quatrebarbes"));
    let log = scene.command("git", &scene.world.firm()).args(["log", "-p", "--all"]).output().unwrap();
    assert!(said(log).ok().out.contains("Quatrebarbes"), "textconv works");
    for (format, name) in [("vcard", "a.vcf"), ("csv", "a.csv"), ("json", "a.json")] {
        let file = outside.join(name);
        silent(scene.run(&["export", "--format", format, "--out", file.to_str().unwrap()]).ok());
    }
    silent(scene.run(&["report", "--out", "../site", "--lang", "both"]).ok());
    silent(
        scene
            .run(&[
                "erase",
                "Zéphyrine Quatrebarbes",
                "--reason",
                "request",
                "--request",
                "2026-014",
                "--yes",
            ])
            .ok(),
    );
    silent(scene.run(&["report", "--out", "../site"]).ok());
    for args in [&["verify"][..], &["doctor"], &["history", "--json"], &["purpose", "list"]] {
        silent(scene.run(args).ok());
    }
    scene
}

#[test]
fn nothing_of_a_contact_is_left_in_the_clear() {
    let scene = scene();
    let searcher = Searcher::new(&WORDS, &NUMBERS);
    let (found, seen) = scene.search(&searcher);
    assert!(found.is_empty(), "{found:#?}");
    assert!(seen > 150, "{seen}");
    // The exports hold all of it, and the searcher sees that.
    let mut exported = Vec::new();
    searcher.files(&scene.world.path().join("outside"), &mut exported);
    for word in WORDS {
        assert!(
            exported.iter().any(|find| find.contains(word)),
            "{word} was never in the firm: {exported:#?}"
        );
    }
    for number in NUMBERS {
        assert!(exported.iter().any(|find| find.contains(&number[3..])), "{number}");
    }
    // Packed, it is as silent.
    for args in [&["gc", "-q"][..], &["repack", "-adfq"]] {
        said(scene.command("git", &scene.world.firm()).args(args).output().unwrap()).ok();
    }
    let (found, _) = scene.search(&searcher);
    assert!(found.is_empty(), "{found:#?}");
}
