//! The runner against interpreters that misbehave, played by a shell script: the
//! harness itself must be seen to notice a crash, a hang and a failed import.

use super::*;

/// An "interpreter" that appends to the result file as the script says. `$OUT` is
/// that file, `$SKIP` the list of the tests to leave out.
fn setup(scratch: &Scratch, body: &str) -> Setup {
    use std::os::unix::fs::PermissionsExt;
    let path = scratch.join("interpreter");
    let text = format!("#!/bin/sh\nSKIP=$6\nOUT=$8\n{body}\n");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    Setup {
        interpreter: path,
        script: "run_module.py".into(),
        suite: "/".into(),
        module_time: Duration::from_secs(20),
        test_time: Duration::from_millis(300),
        memory: 1 << 30,
    }
}

const THREE: &str = r#"
echo '{"module": "loaded"}' >> $OUT
for id in a b c; do
    grep -qx $id $SKIP && continue
    echo "{\"start\": \"$id\"}" >> $OUT
    [ $id = b ] && misbehave
    echo "{\"id\": \"$id\", \"outcome\": \"ok\", \"seconds\": 0}" >> $OUT
done
echo '{"module": "done"}' >> $OUT
"#;

fn run_three(misbehave: &str) -> ModuleReport {
    let scratch = Scratch::new("misbehave").unwrap();
    let setup = setup(
        &scratch,
        &format!("misbehave() {{ {misbehave}; }}\n{THREE}"),
    );
    let ids = ["a", "b", "c"].map(str::to_owned).into();
    run_module(&setup, "m", &ids).unwrap()
}

fn outcomes(report: &ModuleReport) -> Vec<Outcome> {
    report
        .records
        .values()
        .map(|record| record.outcome)
        .collect()
}

#[test]
fn all_well() {
    let report = run_three("true");
    assert_eq!(outcomes(&report), [Outcome::Ok; 3]);
    assert!(report.trouble.is_empty());
}

#[test]
fn a_crash_costs_one_test() {
    let report = run_three("kill -SEGV $$");
    assert_eq!(
        outcomes(&report),
        [Outcome::Ok, Outcome::Crash, Outcome::Ok]
    );
    assert!(report.records["b"].message.contains("SIGSEGV"));
}

#[test]
fn an_exit_in_the_middle_is_a_crash() {
    let report = run_three("exit 0");
    assert_eq!(
        outcomes(&report),
        [Outcome::Ok, Outcome::Crash, Outcome::Ok]
    );
}

#[test]
fn a_hang_costs_one_test() {
    let report = run_three("sleep 30");
    assert_eq!(outcomes(&report), [Outcome::Ok, Outcome::Hang, Outcome::Ok]);
}

#[test]
fn what_cannot_load_does_not_run() {
    let scratch = Scratch::new("misbehave").unwrap();
    let body = "echo '{\"module\": \"error\", \"message\": \"ImportError: x\"}' >> $OUT; exit 3";
    let report = run_module(&setup(&scratch, body), "m", &["a".to_owned()].into()).unwrap();
    assert_eq!(outcomes(&report), [Outcome::NotRun]);
    assert_eq!(report.records["a"].message, "ImportError: x");
    assert!(!report.crashed_outside);
}

#[test]
fn a_crash_while_loading_is_seen() {
    let scratch = Scratch::new("misbehave").unwrap();
    let report = run_module(
        &setup(&scratch, "kill -ABRT $$"),
        "m",
        &["a".to_owned()].into(),
    );
    let report = report.unwrap();
    assert_eq!(outcomes(&report), [Outcome::NotRun]);
    assert!(report.crashed_outside);
}
