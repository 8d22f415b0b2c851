//! Is this whole message a wish not to be contacted, or to be contacted again? English, Spanish and German.
//!
//! Sources: the keywords that carriers and Twilio act upon (STOP, UNSUBSCRIBE, END, QUIT, STOPALL, REVOKE, OPTOUT,
//! CANCEL), and 47 CFR 64.1200(a)(10), which names stop, quit, end, revoke, opt out, cancel, unsubscribe and asks that
//! any other reasonable wording be honoured too. What no list can foresee is for a person to read.

use forecourt_record::text::tokens;

/// Whole messages that ask not to be contacted, in the form that [`words`] gives: lower case, no accents, single spaces.
#[rustfmt::skip]
pub const STOP: &[&str] = &[
    // English
    "stop", "stopall", "stop all", "unsubscribe", "unsubscribe me", "end", "quit", "revoke", "cancel", "optout",
    "opt out", "opt me out", "i want to opt out", "remove", "remove me", "remove my number", "remove me from your list",
    "take me off your list", "stop it", "stop messaging", "stop messaging me", "stop texting", "stop texting me",
    "stop contacting me", "stop writing me", "stop writing to me", "stop calling me", "stop sending messages",
    "stop sending me messages", "no more messages", "no more texts", "dont contact me", "dont contact me again",
    "do not contact", "do not contact me", "do not contact me again", "dont text me", "do not text me", "dont message me",
    "do not message me", "dont write me", "dont call me", "do not call", "do not call me", "leave me alone",
    "delete my number", "lose my number", "stop promotions", "stop marketing", "no more promotions",
    // Spanish
    "baja", "de baja", "dar de baja", "dame de baja", "deme de baja", "denme de baja", "darme de baja",
    "quiero darme de baja", "quiero la baja", "solicito la baja", "para", "pare", "paren", "parar", "para ya", "alto",
    "basta", "basta ya", "cancela", "cancelar", "cancelar suscripcion", "anular", "anular suscripcion", "desuscribir",
    "desuscribirme", "detener", "detente", "detengase", "salir", "no mas", "no mas mensajes", "ya no mas mensajes",
    "no quiero mas mensajes", "ya no quiero mensajes", "no quiero mensajes", "no quiero recibir mensajes",
    "no quiero recibir mas mensajes", "no deseo recibir mensajes", "no deseo recibir mas mensajes", "no me escriban",
    "no me escriban mas", "no me escriba mas", "no me escribas mas", "ya no me escriban", "no me manden mensajes",
    "no me manden mas mensajes", "no me envien mensajes", "no me envien mas mensajes", "dejen de escribirme",
    "deje de escribirme", "deja de escribirme", "dejen de mandarme mensajes", "no me contacten", "no me contacten mas",
    "no contactar", "no me llamen", "no me llamen mas", "no molestar", "no molesten", "no me molesten",
    "no me molesten mas", "dejenme en paz", "dejame en paz", "borrame", "borrenme", "borrar mi numero",
    "borren mi numero", "eliminame", "eliminenme", "eliminar mi numero", "quitame de la lista", "quitenme de la lista",
    "quitame de su lista", "quitenme de su lista", "no mas promociones", "detener promociones",
    // German
    "stopp", "stoppen", "halt", "aufhoren", "hor auf", "horen sie auf", "abmelden", "abmeldung", "ich mochte mich abmelden",
    "melden sie mich ab", "abbestellen", "abbestellung", "kundigen", "widerruf", "widerrufen", "ich widerrufe",
    "abbrechen", "austragen", "austragen lassen", "loschen", "nummer loschen", "meine nummer loschen",
    "loschen sie meine nummer", "keine nachrichten", "keine nachrichten mehr", "keine weiteren nachrichten",
    "ich will keine nachrichten", "ich will keine nachrichten mehr", "ich mochte keine nachrichten",
    "ich mochte keine nachrichten mehr", "keine werbung", "keine werbung mehr", "werbung stoppen", "kein kontakt", "kein kontakt mehr",
    "nicht mehr schreiben", "schreiben sie mir nicht", "schreiben sie mir nicht mehr", "schreibt mir nicht mehr",
    "nicht mehr kontaktieren", "kontaktieren sie mich nicht mehr", "nicht mehr anrufen", "rufen sie mich nicht mehr an",
    "lassen sie mich in ruhe", "lasst mich in ruhe",
];

/// A bare "yes" is not here: it may answer any question, and lifting a suppression must be unmistakable.
#[rustfmt::skip]
const START: &[&str] = &[
    // English
    "start", "unstop", "restart", "subscribe", "subscribe me", "resubscribe", "optin", "opt in", "opt me in", "opt me back in",
    // Spanish
    "alta", "de alta", "dar de alta", "dame de alta", "denme de alta", "darme de alta", "quiero darme de alta",
    "suscribir", "suscribirme", "iniciar", "reanudar",
    // German
    "starten", "anmelden", "anmeldung", "wieder anmelden", "ich mochte mich anmelden", "abonnieren", "fortsetzen",
];

/// Said around the wish without changing it.
#[rustfmt::skip]
const MANNERS: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank you", "ok", "okay", "hi", "hello", "hey", "now", "por favor", "porfavor", "favor de",
    "porfa", "gracias", "muchas gracias", "hola", "ya", "bitte", "danke", "vielen dank", "hallo", "sofort",
];

/// Whether the whole message asks not to be contacted any more. Case, accents, punctuation and manners do not matter.
pub fn is_opt_out(text: &str) -> bool {
    says(text, STOP)
}

/// Whether the whole message asks to be contacted again.
pub fn is_opt_in(text: &str) -> bool {
    says(text, START)
}

/// Longer than any phrase with its manners: a story is not read, it is for a person.
const LONGEST: usize = 160;

fn says(text: &str, phrases: &[&str]) -> bool {
    if text.chars().nth(LONGEST).is_some() {
        return false;
    }
    let is_phrase = |words: &[String]| phrases.contains(&words.join(" ").as_str());
    let words = words(text);
    [without_digraphs(&words), words].iter().any(|words| is_phrase(words) || is_phrase(without_manners(words)))
}

/// The words of a text, folded. Letters typed apart (`s.t.o.p`) are one word; a word said again at once (`STOP STOP`) is
/// said once.
fn words(text: &str) -> Vec<String> {
    // Left out rather than read as a space: they stand inside a word ("don't") or are not seen at all.
    let unseen =
        |letter: char| matches!(letter, '\'' | '’' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    let seen: String = text.chars().filter(|letter| !unseen(*letter)).collect();
    let mut words = tokens(&seen);
    if words.len() > 1 && words.iter().all(|word| word.chars().count() == 1) {
        words = vec![words.concat()];
    }
    words.dedup();
    words
}

/// German without its umlauts, as typed on a keyboard that has none: `loeschen` for `löschen`.
fn without_digraphs(words: &[String]) -> Vec<String> {
    let plain = |word: &String| word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    words.iter().map(plain).collect()
}

fn without_manners(mut words: &[String]) -> &[String] {
    let manners: Vec<Vec<&str>> = MANNERS.iter().map(|phrase| phrase.split(' ').collect()).collect();
    'again: loop {
        for phrase in &manners {
            // Manners alone are not a wish, so something always stays.
            if words.len() <= phrase.len() {
                continue;
            }
            let (head, tail) = (&words[..phrase.len()], &words[words.len() - phrase.len()..]);
            if head == phrase.as_slice() {
                words = &words[phrase.len()..];
                continue 'again;
            }
            if tail == phrase.as_slice() {
                words = &words[..words.len() - phrase.len()];
                continue 'again;
            }
        }
        return words;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    const ASKS_TO_STOP: &[&str] = &[
        "STOP", "stop", " Stop! ", "STOP.", "🛑 stop 🛑", "StOpAlL", "ＳＴＯＰ", "S T O P", "s.t.o.p.", "STOP STOP STOP",
        "stop\u{200b}", "Unsubscribe", "END", "quit", "REVOKE", "OptOut", "opt-out", "Opt out, please!", "CANCEL",
        "Please stop texting me", "Stop promotions", "Don't contact me again.", "don’t text me", "ok stop thanks", "Hi, please remove me",
        "BAJA", "Baja por favor", "Dar de baja", "Parar", "¡Alto!", "no más mensajes", "No mas mensajes, gracias",
        "Ya no me escriban por favor", "Cancelar", "¡DÉJENME EN PAZ!", "No quiero recibir más mensajes", "Hola, denme de baja",
        "para", "Stopp", "Stopp bitte", "Abmelden", "abbestellen!", "Keine Nachrichten mehr", "Bitte keine Nachrichten mehr.",
        "Löschen Sie meine Nummer", "Hör auf!", "Hoer auf", "nummer loeschen bitte", "Ich möchte mich abmelden", "Laßt mich in Ruhe", "widerruf",
    ];

    #[rustfmt::skip]
    const ASKS_TO_START: &[&str] = &[
        "START", "Start please", "unstop", "Opt-In", "ALTA", "Dar de alta, por favor", "Anmelden", "wieder anmelden bitte",
    ];

    #[rustfmt::skip]
    const ASKS_NEITHER: &[&str] = &[
        "", " ", "please", "gracias", "ok", "yes", "si", "no", "Can I stop by at five?", "Stop by tomorrow", "the end of the month",
        "cancel my appointment on Monday", "quiero cancelar la cita", "para mañana", "¿Para cuándo?", "es de alta gama",
        "Does it stop well?", "stopped", "bajaré mañana", "keine Ahnung", "When do you start?", "start stop automatik", "🛑", "🤷‍♀️",
    ];

    #[test]
    fn reads_the_wish_however_it_is_written() {
        for text in ASKS_TO_STOP {
            assert!(is_opt_out(text), "{text}");
            assert!(!is_opt_in(text), "{text}");
        }
    }

    #[test]
    fn reads_the_wish_to_start_again() {
        for text in ASKS_TO_START {
            assert!(is_opt_in(text), "{text}");
            assert!(!is_opt_out(text), "{text}");
        }
    }

    #[test]
    fn leaves_everything_else_to_a_person() {
        for text in ASKS_NEITHER {
            assert!(!is_opt_out(text), "{text}");
            assert!(!is_opt_in(text), "{text}");
        }
        assert!(!is_opt_out(&"stop ".repeat(10_000)));
    }

    #[test]
    fn the_lists_are_in_normal_form_and_never_contradict_each_other() {
        for phrase in STOP.iter().chain(START).chain(MANNERS) {
            assert_eq!(words(phrase).join(" "), *phrase);
        }
        for phrase in START {
            assert!(!STOP.contains(phrase), "{phrase}");
        }
    }
}
