import DialectEngine
import Testing

@testable import Gateway

/// P11 and C2 of the promises: no secret of a configuration is shown with what is said of it.
@Suite struct SecretLinesTests {
    @Test(arguments: [
        ("mail: { transport: smtp://m, password: s3cret, form: x }", "mail: { transport: smtp://m, password: <REDACTED>"),
        ("    keys: { access: \"s3cret, still\", rsa-bits: 7 }", "    keys: { access: <REDACTED>"),
        ("  pasword: s3cret", "  pasword: <REDACTED>"),
        ("  \"password\" : 's3cret'", "  \"password\" : <REDACTED>"),
        ("  - { email: a@b.c, Password: s3cret }", "  - { email: a@b.c, Password: <REDACTED>"),
        ("store: postgres://ann:s3cret@db/x", "store: postgres://ann:<REDACTED>@db/x"),
        ("store: postgres://ann:s3/cr@et@db,db2/x", "store: postgres://ann:<REDACTED>@db,db2/x"),
        ("store: postgres://ann@db/x?password=s3cret&sslmode=require", "store: postgres://ann@db/x?password=<REDACTED>&sslmode=require"),
        ("store: host=db password='s3 cr\\'et' user=ann", "store: host=db password=<REDACTED> user=ann"),
        ("transport: \"smtps://ann:s3cr@et@mail:465\"", "transport: \"smtps://ann:<REDACTED>@mail:465\""),
        (
            "keys:\n  access: |\n    s3cret\n\n    s3cret\n  rsa-bits: 7",
            "keys:\n  access: <REDACTED>\n    <REDACTED>\n\n    <REDACTED>\n  rsa-bits: 7"
        ),
        ("  password:\n\n    s3cret\n  from: a", "  password:\n\n    <REDACTED>\n  from: a"),
        ("  password:\ns3cret\nfrom: a", "  password:\n<REDACTED>\nfrom: a"),
        ("password: \"s3cret\n  s3cret\\\"\ns3cret\"\nfrom: a", "password: <REDACTED>\n  <REDACTED>\n<REDACTED>\nfrom: a"),
        ("seed:\n  - password: s3cret\n    email: a@b.c", "seed:\n  - password: <REDACTED>\n    email: a@b.c"),
        ("keys: { access: s3cret\n  s3cret }\nfrom: a", "keys: { access: <REDACTED>\n  <REDACTED>\nfrom: a"),
        ("    keys: s3cret\n    realm: x", "    keys: <REDACTED>\n    realm: x"),
        ("    keys: # of ours\n      rsa-bits: 7", "    keys: # of ours\n      rsa-bits: 7"),
        ("store-key: s3cret\nstore: sqlite", "store-key: <REDACTED>\nstore: sqlite"),
        ("storekey: s3cret\nlisten: x", "storekey: <REDACTED>\nlisten: x"),
        ("  older: [s3cret, s3cret]\n  rsa-bits: 7", "  older: <REDACTED>\n  rsa-bits: 7"),
        ("  older:\n    - s3cret\n    - s3cret\n  rsa-bits: 7", "  older:\n    <REDACTED>\n    <REDACTED>\n  rsa-bits: 7"),
        ("  older:\n  - s3cret\n  - s3cret\n  rsa-bits: 7", "  older:\n  <REDACTED>\n  <REDACTED>\n  rsa-bits: 7"),
        ("  older: [\n    s3cret,\n    s3cret ]\n  rsa-bits: 7", "  older: <REDACTED>\n    <REDACTED>\n    <REDACTED>\n  rsa-bits: 7"),
        ("keys: { older: [ \"s3cret\",\n  s3cret ] }\nfrom: a", "keys: { older: <REDACTED>\n  <REDACTED>\nfrom: a"),
        ("dialect: pocket\r\nlisten: 127.0.0.1:1", "dialect: pocket\nlisten: 127.0.0.1:1"),
    ])
    func `what stands behind the key of a secret is masked, however it is written`(text: String, shown: String) {
        #expect(SecretLines.masked(text).joined(separator: "\n") == shown)
    }

    @Test(arguments: [
        ("mail: { password: ab,form, from: x }", "put the secret in quotes"),
        ("mail: { password: ab, form: x }", "unknown key in mail `form`"),
        ("mail: { password: 'a,b', form: x }", "unknown key in mail `form`"),
        ("mail: { form: x, password: ab }", "unknown key in mail `form`"),
        ("mail: { password: \"a\\\"\", form: x }", "unknown key in mail `form`"),
        ("mail:\n  password: ab\n  form: x", "unknown key in mail `form`"),
    ])
    func `what cannot be the tail of a secret is told by its name`(text: String, told: String) {
        let (_, report) = ConfigurationReader.read(text + "\n", file: "config.yaml", environment: [:])
        #expect(report.errors.contains { $0.message.contains(told) }, "\(report.rendered)")
    }

    @Test(arguments: [
        "mail: { transport: smtp://m, password: s3cret, form: x }\n",
        "mail: { pasword: s3cret }\n",
        "mail: { password: s3cret, password: s3cret }\n",
        "mail: { password: [s3cret] }\n",
        "mail: { password: \"s3cret }\n",
        "mail: { password: &x s3cret }\n",
        "store: postgres://ann:s3cret@[db/x\n",
        "store: postgres://ann:s3cret@db/x?target_session_attrs=standby\n",
        "store: host=db password=s3cret dbname\n",
        "store-key: s3cret\n",
        "stor-key: s3cret s3cret s3cret s3cret s3cret\n",
        "keys: { access: ab,s3cret }\n",
        "mail: { password: ab,s3cret, transport: file }\n",
        "mail: { from: x, from: y, password: ab,s3cret,s3cret }\n",
        "mail: { password: ab,\n  s3cret, form: x }\n",
        "mail: { password: it's \"ab\",s3cret }\n",
        "mail: { transport: \"smtp://ann:s3cret@mail\" }\n",
    ])
    func `no fault of a configuration shows a secret`(text: String) {
        let rest = """
            frontends:
              one: { dialect: pocket, listen: nowhere, keys: { access: "s3cret s3cret s3cret s3cret s3cret", rsa-bits: 7 } }
              three:
                dialect: pocket
                listen: 127.0.0.1:3
                keys:
                  older:
                  - s3cret
                  - [s3cret]
              two:
                dialect: nothing
                listen: 127.0.0.1:1
                seed: [{ email: x, password: s3cret, roll: y }]

            """
        for text in [text + rest, text] {
            let (_, report) = ConfigurationReader.read(text, file: "config.yaml", environment: [:])
            #expect(!report.errors.isEmpty)
            #expect(!report.rendered.contains("s3cret"))
            #expect(!report.errors.contains { $0.message.contains("s3cret") || ($0.line ?? "").contains("s3cret") })
        }
    }
}
