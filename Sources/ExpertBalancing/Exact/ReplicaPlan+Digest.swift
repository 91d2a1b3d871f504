extension ReplicaPlan {
    /// A number computed from all integers of the plan. Ranks compare their digests to show that they made the same plan.
    /// O(fetches + shares).
    public var digest: UInt64 {
        var digest: UInt64 = 0
        // The finalizer of SplitMix64 spreads each integer over all bits before the next one is added.
        func add(_ value: Int) {
            digest = digest &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(value)) &+ 1
            digest = (digest ^ digest >> 30) &* 0xBF58_476D_1CE4_E5B9
            digest = (digest ^ digest >> 27) &* 0x94D0_49BB_1331_11EB
            digest ^= digest >> 31
        }
        add(tokenLimit)
        add(certificate.lowerBound)
        add(fetches.count)
        for fetch in fetches {
            add(fetch.expert)
            add(fetch.fromRank)
            add(fetch.toRank)
            add(fetch.slot)
        }
        add(shares.count)
        for share in shares {
            add(share.expert)
            add(share.slot)
            add(share.tokens)
        }
        add(rankTokens.count)
        for tokens in rankTokens { add(tokens) }
        return digest
    }
}
