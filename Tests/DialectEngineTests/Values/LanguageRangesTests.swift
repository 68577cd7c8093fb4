import DialectEngine
import Testing

struct LanguageRangesTests {
    @Test(
        arguments: [
            ("es", "es"), ("ES", "es"), ("es-419", "es"), ("en-US,en;q=0.9", "en"), ("es-ES,es;q=0.9,en;q=0.8", "es"),
            ("fr", nil), ("fr, es;q=0.1", "es"), ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
            ("en;q=0.5, es;q=0.5", "en"), ("es;q=0.5, en;q=0.5", "es"), ("en;q=0.4, es;q=0.5", "es"), ("en;q=0.125,es;q=0.126", "es"),
            ("*", "en"), ("fr, *", "en"), ("*;q=0.1, es;q=0.9", "es"), ("en;q=0, *", "es"), ("en;q=0, es;q=0, *", nil), ("*;q=0", nil),
            ("es;q=0", nil), ("es;q=0, es", nil), ("es-MX;q=0, es", "es"), ("es;q=0, en", "en"), ("es ; q=1.000 , en", "es"),
            ("en;q=0.9;,es", "es"),
            ("es;q=2, en;q=0.1", "en"), ("es_ES, en", "en"), ("estonia", nil), ("español", nil), ("español, en", "en"),
            ("", nil), (",", nil), ("es;", "es"), ("es;x=1", nil), ("es;q=0.5;q=0.6", nil), ("-es", nil), ("es-", nil), ("123", nil),
            ("abcdefghi", nil),
            (" ,, es", "es"), ("\u{0}", nil),
        ] as [(String, String?)])
    func `ranges find a supported language`(text: String, language: String?) {
        #expect(LanguageRanges(text)?.lookup(in: ["en", "es"], standard: "en") == language)
    }

    @Test(arguments: [
        ("pt-BR", "pt-BR"), ("pt", "pt"), ("pt-PT", "pt"), ("zh", "zh-Hant"), ("zh-Hant-TW", "zh-Hant"), ("zh-Hans", "zh-Hant"),
        ("pt-br-x-a", "pt-BR"),
        ("pt;q=0, *", "zh-Hant"), ("pt-BR;q=0, pt-BR-x, *", "pt"),
    ])
    func `the longest tag that a range begins with is found`(text: String, language: String) {
        #expect(LanguageRanges(text)?.lookup(in: ["pt", "pt-BR", "zh-Hant"], standard: "pt") == language)
    }

    @Test(arguments: [
        ("", false), (" , ", false), ("q=", false), ("\"", false), ("a-;q=1", false), ("en;q=x", false), ("en", true), ("*;q=0", true),
    ])
    func `a field without one readable range is nil`(text: String, isReadable: Bool) {
        #expect((LanguageRanges(text) != nil) == isReadable)
    }

    @Test(arguments: ["a-", "a,", ",", ";", "en;q=0,", "*;q=0.5,", "\"", " ", "é", "a;q=", "en-US;q=0.9,"])
    func `ten kilobytes of anything do no harm`(piece: String) {
        let text = String(repeating: piece, count: 10_240 / piece.utf8.count)
        let clock = ContinuousClock()
        let time = clock.measure { _ = LanguageRanges(text)?.lookup(in: ["en", "es"], standard: "en") }
        #expect(time < .seconds(3))
    }
}
