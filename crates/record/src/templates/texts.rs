//! The shipped texts. `{value}` is filled in; `[...]` goes out only when all values in it are known.
//!
//! Written to be answered: short, by name, one question, and a way out of every conversation that starts with us.

use super::{Language, Template};

pub(super) const fn shipped(template: Template, language: Language) -> &'static str {
    match (template, language) {
        (Template::Created, Language::En) => {
            "Hi[ {first_name}], thank you for your interest[ in the {vehicle}]! [This is {dealer}. ]\
             We have received your enquiry and one of our team will be in touch shortly. \
             Is there a good time to reach you? Reply STOP if you would rather not hear from us."
        }
        (Template::Created, Language::Es) => {
            "Hola[ {first_name}], ¡gracias por su interés[ en el {vehicle}]! [Le escribimos de {dealer}. ]\
             Hemos recibido su solicitud y una persona de nuestro equipo se pondrá en contacto con usted en breve. \
             ¿A qué hora le viene mejor que le llamemos? Responda BAJA si prefiere no recibir mensajes."
        }
        (Template::Created, Language::De) => {
            "Guten Tag[ {first_name}], vielen Dank für Ihr Interesse[ an folgendem Fahrzeug: {vehicle}]! \
             [Hier schreibt {dealer}. ]Ihre Anfrage ist bei uns eingegangen und wir melden uns in Kürze persönlich. \
             Wann erreichen wir Sie am besten? Antworten Sie mit STOPP, wenn Sie keine Nachrichten wünschen."
        }
        (Template::Reengagement, Language::En) => {
            "Hi[ {first_name}][, {dealer} here], we would still love to help you find the right car. \
             Are you still looking[, or do you have questions about the {vehicle}]? \
             Just reply to this message and we will take it from there, or reply STOP and we will not write again."
        }
        (Template::Reengagement, Language::Es) => {
            "Hola[ {first_name}][, le saludamos de {dealer}], nos encantaría ayudarle a encontrar el coche adecuado. \
             ¿Sigue buscando[ o tiene alguna pregunta sobre el {vehicle}]? \
             Responda a este mensaje y seguimos desde aquí, o responda BAJA y no volveremos a escribirle."
        }
        (Template::Reengagement, Language::De) => {
            "Guten Tag[ {first_name}][, hier ist {dealer}], wir helfen Ihnen gern, das passende Auto zu finden. \
             Suchen Sie noch[ oder haben Sie Fragen zu diesem Fahrzeug: {vehicle}]? \
             Antworten Sie einfach auf diese Nachricht, oder mit STOPP, wenn wir Ihnen nicht mehr schreiben sollen."
        }
        (Template::Qualified, Language::En) => {
            "Good news[, {first_name}]! We have looked at your details and we can move ahead[ with the {vehicle}]. \
             When would you like to visit us[ in {location}]? Tell us a day and a time that suit you."
        }
        (Template::Qualified, Language::Es) => {
            "¡Buenas noticias[, {first_name}]! Hemos revisado sus datos y podemos seguir adelante[ con el {vehicle}]. \
             ¿Cuándo le gustaría visitarnos[ en {location}]? Díganos el día y la hora que mejor le convengan."
        }
        (Template::Qualified, Language::De) => {
            "Gute Nachrichten[, {first_name}]! Wir haben Ihre Angaben geprüft und es kann weitergehen\
             [, und zwar mit diesem Fahrzeug: {vehicle}]. \
             Wann möchten Sie uns besuchen[, am Standort {location}]? Nennen Sie uns gern Tag und Uhrzeit."
        }
        (Template::Appointment, Language::En) => {
            "Thank you[, {first_name}], your appointment is booked[ at {dealer}][ in {location}]. \
             [The {vehicle} will be ready for you. ]Please bring a photo ID. \
             If your plans change, reply here and we will find another time."
        }
        (Template::Appointment, Language::Es) => {
            "Gracias[, {first_name}], su cita queda reservada[ en {dealer}][, sede de {location}]. \
             [Tendremos preparado el {vehicle}. ]Por favor, traiga un documento de identidad con foto. \
             Si cambian sus planes, responda aquí y buscaremos otra hora."
        }
        (Template::Appointment, Language::De) => {
            "Vielen Dank[, {first_name}], Ihr Termin ist reserviert[ bei {dealer}][, Standort {location}]. \
             [Dieses Fahrzeug steht für Sie bereit: {vehicle}. ]Bitte bringen Sie einen Lichtbildausweis mit. \
             Sollte etwas dazwischenkommen, antworten Sie hier und wir finden einen anderen Termin."
        }
        (Template::NoShow, Language::En) => {
            "Hi[ {first_name}], we missed you today[ in {location}]. That happens! \
             Would you like to choose another time[ to see the {vehicle}]? Reply with a day that suits you."
        }
        (Template::NoShow, Language::Es) => {
            "Hola[ {first_name}], hoy le hemos echado de menos[ en {location}]. ¡Puede pasar! \
             ¿Quiere elegir otra hora[ para ver el {vehicle}]? Responda con el día que mejor le venga."
        }
        (Template::NoShow, Language::De) => {
            "Guten Tag[ {first_name}], schade, dass es heute nicht geklappt hat[ am Standort {location}]. \
             Möchten Sie einen neuen Termin vereinbaren[ für dieses Fahrzeug: {vehicle}]? \
             Antworten Sie einfach mit einem Tag, der Ihnen passt."
        }
        (Template::Rejected, Language::En) => {
            "Hi[ {first_name}], thank you for your interest[ in the {vehicle}][ and for writing to {dealer}]. \
             We are sorry that we cannot make you an offer at this time. \
             If your circumstances change, you are very welcome to contact us again."
        }
        (Template::Rejected, Language::Es) => {
            "Hola[ {first_name}], le agradecemos su interés[ en el {vehicle}][ y que haya escrito a {dealer}]. \
             Lamentamos no poder hacerle una oferta en este momento. \
             Si su situación cambia, estaremos encantados de volver a atenderle."
        }
        (Template::Rejected, Language::De) => {
            "Guten Tag[ {first_name}], vielen Dank für Ihr Interesse[ an {vehicle}][ und Ihre Anfrage bei {dealer}]. \
             Leider können wir Ihnen derzeit kein Angebot machen. \
             Wenn sich Ihre Umstände ändern, sind Sie uns jederzeit wieder willkommen."
        }
    }
}
