public import LibTorch

extension ParameterSpecification {
    /// The initial values of the parameter on a rank: its share of the experts if the parameter is stacked over
    /// experts.
    ///
    /// The values depend on the seed, the name and the index of the routed expert in the whole model, so every layout
    /// starts with the same model.
    public func startingValues(seed: UInt64, share: ParameterSet.ExpertShare, type: ElementType) throws -> Tensor {
        try startingValues(seed: seed, experts: Array(share.experts(of: expertCount ?? share.count)), type: type)
    }

    /// Returns the initial values of the given experts or, for a parameter without experts, of all elements.
    package func startingValues(seed: UInt64, experts: [Int], type: ElementType) throws -> Tensor {
        guard expertCount != nil else { return try values(keys: [name], seed: seed, type: type).reshaped(shape) }
        return try values(keys: experts.map { "\(name).\($0)" }, seed: seed, type: type)
    }

    /// The type of the parameter in a model of the given type. A parameter without gradient moves by small steps, so that
    /// it is float32 in a bfloat16 model.
    package func type(inModelOf type: ElementType) -> ElementType { isTrained ? type : type.accumulated }

    /// The values of the keys, stacked along a new first dimension.
    private func values(keys: [String], seed: UInt64, type: ElementType) throws -> Tensor {
        switch start {
        case .constant(let value): try .full([keys.count] + shape, type, value)
        case .normal(let deviation):
            try Tensor.normal(
                shape, type, seeds: keys.map { fingerprint($0.utf8.lazy.map(UInt64.init), seed: seed) }
            ).times(deviation)
        }
    }
}
