package import Identity

extension TokenTemplate {
    /// The profile by which the engine writes and reads this kind of token.
    package func profile(purpose: TokenPurpose) -> TokenProfile {
        let claims = claims
        return TokenProfile(
            purpose: purpose, header: header,
            claims: { facts in
                var occasion = Occasion(catalogue: MessageCatalogue(texts: [:]), language: "")
                occasion.facts = Facts(account: facts.account)
                occasion.token = facts
                return occasion.json(claims)
            },
            lifetime: lifetime, jti: jti, subject: subject, subjectCodec: subjectCodec, required: required, constants: constants,
            leeway: leeway)
    }
}
