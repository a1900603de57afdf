//! The command line and the environment, as settings.


/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `-c TEXT`
    Command(String),
    /// `-m NAME`
    Module(String),
    /// A file, a folder or a zip archive.
    Path(String),
    /// Standard input.
    Stdin,
}

/// The parsed command line.
#[derive(Clone, Debug)]
pub struct Options {
    pub source: Source,
    /// `sys.argv`
    pub argv: Vec<Vec<u8>>,
    pub orig_argv: Vec<Vec<u8>>,
    /// The program's name, as it was started.
    pub program: String,
    /// `-R`
    pub random_hash: bool,
    /// Whether the text of `-c` could be read.
    pub undecodable: bool,
    pub isolated: bool,
    pub ignore_environment: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub dont_write_bytecode: bool,
    pub optimize: i32,
    pub verbose: i32,
    pub quiet: bool,
    pub inspect: bool,
    pub interactive: bool,
    pub bytes_warning: i32,
    pub debug: i32,
    pub safe_path: bool,
    pub unbuffered: bool,
    pub skip_first_line: bool,
    pub warn: Vec<String>,
    pub xopts: Vec<(String, Option<String>)>,
    /// `-V` (1) or `-VV` (2), `-h` (3) and its kin.
    pub show: Option<Show>,
    /// `--check-hash-based-pycs`
    pub check_hash_based_pycs: String,
}

/// What is shown instead of running anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// `-V`
    Version,
    /// `-VV`
    LongVersion,
    /// `-h`
    Help,
    /// `--help-env`
    HelpEnv,
    /// `--help-xoptions`
    HelpXoptions,
}

const USAGE: &str = "usage: taipan [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n";

/// Parses the command line; the error is what goes to standard error (exit status 2).
pub fn parse(raw: &[Vec<u8>]) -> Result<Options, String> {
    let orig: Vec<String> = raw.iter().map(|a| String::from_utf8_lossy(a).into_owned()).collect();
    let mut o = Options {
        source: Source::Stdin,
        argv: vec![Vec::new()],
        orig_argv: raw.to_vec(),
        program: orig.first().cloned().unwrap_or_default(),
        random_hash: false,
        undecodable: false,
        isolated: false,
        ignore_environment: false,
        no_user_site: false,
        no_site: false,
        dont_write_bytecode: false,
        optimize: 0,
        verbose: 0,
        quiet: false,
        inspect: false,
        interactive: false,
        bytes_warning: 0,
        debug: 0,
        safe_path: false,
        unbuffered: false,
        skip_first_line: false,
        warn: Vec::new(),
        xopts: Vec::new(),
        show: None,
        check_hash_based_pycs: "default".to_owned(),
    };
    let mut i = 1;
    while i < orig.len() {
        let arg = &orig[i];
        if arg == "-" || !arg.starts_with('-') {
            break;
        }
        i += 1;
        if arg == "--" {
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            match long {
                "help" => o.show = Some(Show::Help),
                "help-env" => o.show = Some(Show::HelpEnv),
                "help-xoptions" => o.show = Some(Show::HelpXoptions),
                "help-all" => o.show = Some(Show::Help),
                "version" => o.show = Some(Show::Version),
                "check-hash-based-pycs" => {
                    let Some(v) = orig.get(i) else { return Err(format!("Argument expected for the --{long} option\n{USAGE}")) };
                    o.check_hash_based_pycs = v.clone();
                    i += 1;
                }
                _ => return Err(format!("unknown option --{long}\n{USAGE}")),
            }
            continue;
        }
        let letters: Vec<char> = arg[1..].chars().collect();
        let mut j = 0;
        while j < letters.len() {
            let letter = letters[j];
            j += 1;
            // Options with a value take the rest of the word, or the next one.
            let mut value = || -> Result<String, String> {
                let rest: String = letters[j..].iter().collect();
                j = letters.len();
                if !rest.is_empty() {
                    return Ok(rest);
                }
                let v = orig.get(i).cloned().ok_or_else(|| format!("Argument expected for the -{letter} option\n{USAGE}"))?;
                i += 1;
                Ok(v)
            };
            match letter {
                'c' => {
                    o.source = Source::Command(format!("{}\n", value()?));
                    o.undecodable = raw.get(i - 1).is_some_and(|text| std::str::from_utf8(text).is_err());
                    o.argv = std::iter::once(b"-c".to_vec()).chain(raw[i..].iter().cloned()).collect();
                    return Ok(o);
                }
                'm' => {
                    o.source = Source::Module(value()?);
                    o.argv = std::iter::once(b"-m".to_vec()).chain(raw[i..].iter().cloned()).collect();
                    return Ok(o);
                }
                'W' => o.warn.push(value()?),
                'X' => {
                    let v = value()?;
                    o.xopts.push(match v.split_once('=') {
                        Some((k, v)) => (k.to_owned(), Some(v.to_owned())),
                        None => (v, None),
                    });
                }
                'b' => o.bytes_warning += 1,
                'B' => o.dont_write_bytecode = true,
                'd' => o.debug += 1,
                'E' => o.ignore_environment = true,
                'h' | '?' => o.show = Some(Show::Help),
                'i' => {
                    o.inspect = true;
                    o.interactive = true;
                }
                'I' => {
                    o.isolated = true;
                    o.ignore_environment = true;
                    o.no_user_site = true;
                    o.safe_path = true;
                }
                'O' => o.optimize += 1,
                'P' => o.safe_path = true,
                'q' => o.quiet = true,
                's' => o.no_user_site = true,
                'S' => o.no_site = true,
                'u' => o.unbuffered = true,
                'v' => o.verbose += 1,
                'V' => o.show = Some(if o.show == Some(Show::Version) { Show::LongVersion } else { Show::Version }),
                'x' => o.skip_first_line = true,
                'R' => o.random_hash = true,
                't' | 'J' => {}
                other => return Err(format!("Unknown option: -{other}\n{USAGE}")),
            }
        }
    }
    if let Some(first) = orig.get(i) {
        o.source = if first == "-" { Source::Stdin } else { Source::Path(first.clone()) };
        o.argv = raw[i..].to_vec();
    }
    Ok(o)
}

/// The text of `-h`.
pub const HELP: &str = "\
usage: taipan [option] ... [-c cmd | -m mod | file | -] [arg] ...
Options (and corresponding environment variables):
-b     : issue warnings about converting bytes/bytearray to str and comparing
         bytes/bytearray with str or bytes with int; also -bb to make them errors
-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (terminates option list)
-d     : accepted for compatibility
-E     : ignore PYTHON* environment variables (such as PYTHONPATH)
-h     : print this help message and exit (also -? or --help)
-i     : inspect interactively after running script; also PYTHONINSPECT=x
-I     : isolate Taipan from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH
-q     : don't print version and copyright messages on interactive startup
-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x
-S     : don't imply 'import site' on initialization
-u     : force the stdout and stderr streams to be unbuffered; also PYTHONUNBUFFERED=x
-v     : verbose (trace import statements); also PYTHONVERBOSE=x
-V     : print the Python version number and exit (also --version)
-W arg : warning control; arg is action:message:category:module:lineno;
         also PYTHONWARNINGS=arg
-x     : skip first line of source, allowing use of non-Unix forms of #!cmd
-X opt : set implementation-specific option
--check-hash-based-pycs always|default|never:
         control how hash-based .pyc files are checked
file   : program read from script file
-      : program read from stdin (default; interactive mode if a tty)
arg ...: arguments passed to program in sys.argv[1:]
";
