import Identity

extension AnswerCondition {
    /// Whether the condition holds for a request and what it sent.
    func holds(for request: WireRequest, slots: [Slot: SlotValue]) -> Bool {
        switch self {
        case .accept(let type): AcceptList(request.values("accept").joined(separator: ",")).names(type)
        case .acceptOnly(let type): AcceptList(request.values("accept").joined(separator: ",")).only(type)
        case .contentType(let type): RequestFields.mediaType(of: request)?.name == type
        case .header(let name, let literal): request.value(name.lowercased()) == literal
        case .slot(let slot): slots[slot].map { !$0.value.isNull && $0.value.string != "" } ?? false
        }
    }
}

extension Answer {
    /// The first variant whose conditions all hold.
    func variant(for request: WireRequest, slots: [Slot: SlotValue]) -> AnswerVariant? {
        variants.first { $0.conditions.allSatisfy { $0.holds(for: request, slots: slots) } } ?? variants.last
    }
}
