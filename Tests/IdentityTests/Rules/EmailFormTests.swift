import Identity
import Testing

struct EmailFormTests {
    @Test(arguments: [
        "a@b.c", "developer@example.com", "User.Name+tag@sub.example.co.uk", "a@1.2", "o'brien@example.com",
        "a!#$%&'*+-/=?^_`{|}~@x-y.z_0.org",
        ".a.@b.c", "a@xn--bcher-kva.example",
    ])
    func `an address is an address, dotted or not`(text: String) {
        #expect(EmailForm.accepts(text, dotted: false))
        #expect(EmailForm.accepts(text, dotted: true))
    }

    @Test(arguments: ["a@b", "root@localhost"])
    func `a host without a dot passes unless a dot is asked for`(text: String) {
        #expect(EmailForm.accepts(text, dotted: false))
        #expect(!EmailForm.accepts(text, dotted: true))
    }

    @Test(arguments: [
        "", "@", "a", "a@", "@b.c", "a@b@c.d", "a@@b.c", "a b@c.d", " a@b.c", "a@b.c ", "a@b. c", "a\t@b.c", "a@b.c\n", "a\0@b.c",
        "a@b.c\u{7F}",
        "a@x\r\nBcc: b@c.d", "a@x\r\nBcc:", "a@x%0aCc:", "a@x%0a.c", "a@b.c,d@e.f", "a@b.c,", ",a@b.c", "a,b@c.d", "a;b@c.d", "a@b.c;d",
        "<a@b.c>", "A<a@b.c",
        "\"a\"@b.c", "\"a@b\"@c.d", "a\\@b.c", "(x)a@b.c", "a@[127.0.0.1]", "a@b:c", "a@b..c", "a@.b.c", "a@b.c.", "a@b.",
        "é@b.c", "a@é.c", "a@b.c\u{200B}", "a\u{FF20}b.c", "a@\u{212A}.c", "a\u{A0}@b.c",
    ])
    func `anything else is none`(text: String) {
        #expect(!EmailForm.accepts(text, dotted: false))
        #expect(!EmailForm.accepts(text, dotted: true))
    }
}
