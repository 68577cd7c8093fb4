import Identity

/// Plays a transcript against whatever answers its requests.
package struct TranscriptPlayer: Sendable {
    private let answer: @Sendable (WireRequest) async -> WireResponse
    private let nextMail: @Sendable (String) async -> TranscriptMail?
    private let advance: @Sendable (Duration) async -> Void
    private let operate: @Sendable (TranscriptAct) async -> String?

    /// Makes a player.
    ///
    /// - Parameters:
    ///   - answer: speaks for the API.
    ///   - nextMail: takes the oldest mail to an address that was not taken yet; nil when none is left.
    ///   - advance: moves the clock.
    ///   - operate: does what an operator would; says what went wrong, nil when nothing did.
    package init(
        answer: @escaping @Sendable (WireRequest) async -> WireResponse,
        nextMail: @escaping @Sendable (String) async -> TranscriptMail? = { _ in nil },
        advance: @escaping @Sendable (Duration) async -> Void = { _ in },
        operate: @escaping @Sendable (TranscriptAct) async -> String? = { "nobody can \($0.verb)" }
    ) {
        self.answer = answer
        self.nextMail = nextMail
        self.advance = advance
        self.operate = operate
    }

    /// Plays the whole file, also past mismatches; when recording, requests without an answer get theirs and nothing that differs is a
    /// mismatch.
    package func play(_ file: TranscriptFile, recording: Bool = false) async -> TranscriptReport {
        var stage = TranscriptStage(recording: recording)
        for (index, block) in file.blocks.enumerated() {
            switch block.kind {
            case .words, .setting: stage.keep(block)
            case .from(let address):
                stage.address = address
                stage.keep(block)
            case .clock(let span):
                await advance(span)
                stage.keep(block)
            case .act(let act):
                let filled = TranscriptAct(verb: act.verb, arguments: act.arguments.map { stage.fill($0, block) })
                if let trouble = await operate(filled) { stage.mismatch(block, "operator", expected: act.verb, actual: trouble) }
                stage.keep(block)
            case .request(let request):
                stage.response = await answer(stage.wire(request, block))
                stage.exchanges += 1
                stage.keep(block)
                if !Self.isAnswered(file.blocks[(index + 1)...]) { stage.unanswered(block) }
            case .answer(let expected): stage.judge(expected, block)
            case .mail(let address, let subject, let text):
                let address = stage.fill(address, block)
                stage.judge(await nextMail(address), address: address, subject: subject, text: text, block)
            case .noMail(let address):
                if let mail = await nextMail(stage.fill(address, block)) {
                    stage.mismatch(block, "mail", expected: "none", actual: mail.subject)
                }
                stage.keep(block)
            case .token(let name, let header, let claims): stage.judgeToken(name, header: header, claims: claims, block)
            }
        }
        return stage.report
    }

    /// Whether an answer comes before anything but words.
    private static func isAnswered(_ blocks: ArraySlice<TranscriptBlock>) -> Bool {
        for block in blocks {
            switch block.kind {
            case .words: continue
            case .answer: return true
            default: return false
            }
        }
        return false
    }
}
