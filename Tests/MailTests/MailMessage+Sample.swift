import Mail

extension MailMessage {
    /// A sound mail, to be changed in one field.
    static func sample(
        id: String = "01890a5d-ac96",
        from: String = "noreply@example.com",
        fromName: String? = "Example",
        to: String = "ada@example.org",
        subject: String = "Your code",
        text: String = "The code is 123456.\n",
        html: String? = "<p>The code is <b>123456</b>.</p>\n",
        sentAt: Int64 = 1_735_689_600,
        language: String = "en"
    ) throws(MailFault) -> MailMessage {
        try MailMessage(
            id: id, from: from, fromName: fromName, to: to, subject: subject, text: text, html: html, sentAt: sentAt, language: language)
    }
}

/// Texts that mail systems are known to break.
let awkwardTexts = [
    "",
    "\n",
    "one line without an end",
    "two\nlines\n",
    "blank lines\n\n\n at the end\n\n",
    ".\n..\n.dot at the start\n.",
    "spaces at the end   \ntab at the end\t\n \n",
    "From me to you\n>From\n",
    "an = sign, =3D, =_ and --=_dragoman_ and =\n",
    String(repeating: "x", count: 2_000),
    String(repeating: "word ", count: 300),
    String(repeating: "漢字", count: 200) + "\n",
    String(repeating: ".", count: 400),
    "Grüße, ñandú, 👩‍👩‍👧‍👦, \u{202E}right to left\n",
    "NUL \u{0} and bell \u{7} inside\n",
    "--\n-- \nsignature\n",
]
