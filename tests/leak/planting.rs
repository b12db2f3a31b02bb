//! The search is able to find: each kind of place is given a word, in each form, and the search must name it.

use super::Scene;
use super::common::said;
use super::search::Searcher;

/// Runs a script in the firm.
fn plant(scene: &Scene, script: &str) {
    let mut sh = scene.command("sh", &scene.world.firm());
    said(sh.args(["-ec", script]).output().unwrap()).ok();
}

#[test]
fn a_planted_word_is_found_wherever_it_is() {
    let scene = Scene::empty();
    scene.world.add("Bob Stone", &[]);
    let searcher = Searcher::new(&["Quatrebarbes", "Zéphyrine"], &["+33655512398"]);
    assert!(scene.search(&searcher).0.is_empty());
    let commit = "git -c commit.gpgsign=false commit -q --allow-empty";
    for (script, place, undo) in [
        ("echo Quatrebarbes >notes.txt", "the file notes.txt", "rm notes.txt"),
        ("echo ZÉPHYRINE >notes.txt", "the file notes.txt", "rm notes.txt"),
        ("echo zephyrine >notes.txt", "the file notes.txt", "rm notes.txt"),
        ("touch contacts/quatrebarbes", "the name of contacts/quatrebarbes", "rm contacts/quatrebarbes"),
        ("ln -s zéphyrine link", "the link link", "rm link"),
        ("echo QUATREBARBES >.git/description", "the file .git/description", "rm .git/description"),
        ("git config x.y quatrebarbes", "the file .git/config", "git config --unset x.y"),
        ("echo x quatrebarbes | git hash-object -w --stdin", "blob", "git prune"),
        (
            "echo x quatrebarbes | git hash-object -w --stdin | git pack-objects -q .git/objects/pack/pack; git prune-packed",
            "blob",
            "rm -f .git/objects/pack/pack-*",
        ),
        (
            "echo x zéphyrine | git -C .git/carnet/keys.git hash-object -w --stdin",
            "of keys.git",
            "git -C .git/carnet/keys.git prune --expire=now",
        ),
        (
            "git update-ref refs/heads/quatrebarbes HEAD",
            "git for-each-ref of firm",
            "git update-ref -d refs/heads/quatrebarbes; rm -f .git/logs/refs/heads/quatrebarbes",
        ),
        (
            "git pack-refs --all; git update-ref refs/tags/quatrebarbes HEAD; git pack-refs --all",
            "the file .git/packed-refs",
            "git update-ref -d refs/tags/quatrebarbes",
        ),
        (
            "git update-ref --create-reflog -m 'for quatrebarbes' refs/heads/side HEAD",
            "git reflog of firm",
            "git update-ref -d refs/heads/side; rm -rf .git/logs/refs/heads/side",
        ),
        (
            &format!("git switch -q -c side; {commit} -m 'call Quatrebarbes'; git switch -q main"),
            "git log of firm",
            "git branch -qD side; rm -f .git/logs/HEAD; git reflog expire --expire=now --all; git prune --expire=now; rm -f .git/COMMIT_EDITMSG",
        ),
        ("echo 06.55.51.23.98 >\"$TMPDIR/a\"", "the file a", "rm \"$TMPDIR/a\""),
        ("echo '+33 6 55 51 23 98' >\"$XDG_CACHE_HOME/a\"", "the file a", "rm \"$XDG_CACHE_HOME/a\""),
        ("echo '0033 (0)6-55-51-23-98' >\"$XDG_DATA_HOME/a\"", "the file a", "rm \"$XDG_DATA_HOME/a\""),
        ("echo 655512398 >\"$HOME/.a\"", "the file .a", "rm \"$HOME/.a\""),
    ] {
        plant(&scene, script);
        let (found, _) = scene.search(&searcher);
        assert!(found.iter().any(|find| find.contains(place)), "{script}: {found:#?}");
        plant(&scene, undo);
        let (found, _) = scene.search(&searcher);
        assert!(found.is_empty(), "{undo}: {found:#?}");
    }
}

#[test]
fn a_word_is_found_in_every_form() {
    let searcher = Searcher::new(&["Quatrebarbes"], &["+33655512398"]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big: Vec<u8> = "quatreBARBES".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for form in [
        b"x Quatrebarbes y".to_vec(),
        b"\xff\xfeQUATREBARBES\0".to_vec(),
        utf16("QuatreBarbes"),
        [&b"x"[..], &big].concat(),
        b"7175617472656261726265 73".to_vec(),
        b"x5175617472656261726265735A".to_vec(),
        // "Quatrebarbes" at the three offsets, as base64(1) writes them, one wrapped.
        b"UXVhdHJlYmFyYmVz".to_vec(),
        b"eFF1YXRyZWJh\r\n cmJlc3g=".to_vec(),
        b"eHhRdWF0cmViYXJiZXM=".to_vec(),
        b"cXVhdHJlYmFyYmVz".to_vec(),
        b"0 6 5 5 5 1 2 3 9 8".to_vec(),
        utf16("+33655512398"),
        b"KzMzNjU1NTEyMzk4".to_vec(),
    ] {
        assert!(!searcher.words_in(&form).is_empty(), "{}", String::from_utf8_lossy(&form));
    }
    for form in [&b"quatre barques"[..], b"UXVhdHJl", b"0655512397", b""] {
        assert!(searcher.words_in(form).is_empty(), "{}", String::from_utf8_lossy(form));
    }
}
