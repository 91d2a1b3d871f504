import ProfilerTraces
import Testing

@Suite("Sizes of collectives") struct CollectiveTests {
    private func collective(
        _ operation: String, _ type: String = "Float", input: Int64? = nil, output: Int64? = nil, ranks: Int? = nil
    ) -> Collective {
        var collective = Collective()
        collective.operation = operation
        collective.elementType = type
        collective.inputElements = input
        collective.outputElements = output
        collective.groupSize = ranks
        return collective
    }

    @Test(
        "Elements have the size of their type",
        arguments: [
            ("Byte", 1), ("Float8_e4m3fn", 1), ("BFloat16", 2), ("Half", 2), ("Float", 4), ("Int", 4), ("Long", 8),
            ("Double", 8), ("ComplexFloat", 8), ("", nil), ("Quaternion", nil),
        ] as [(String, Int64?)])
    func elementSizes(_ type: String, _ bytes: Int64?) {
        #expect(collective("allreduce", type).elementBytes == bytes)
    }

    @Test("The size is that of the larger of input and output") func sizes() {
        #expect(collective("allgather", input: 10, output: 80).bytes == 320)
        #expect(collective("reduce_scatter", input: 80, output: 10).bytes == 320)
        #expect(collective("send", input: 3).bytes == 12)
        #expect(collective("barrier").bytes == nil)
        #expect(collective("allreduce", "Quaternion", input: 1).bytes == nil)
    }

    @Test("A size that does not fit into 64 bits, or is negative, is unknown") func impossibleSizes() {
        #expect(collective("allreduce", "Double", input: .max / 4).bytes == nil)
        #expect(collective("allreduce", "Double", input: -1).bytes == nil)
    }

    @Test(
        "Bus factors are those of nccl-tests",
        arguments: [
            ("allreduce", 8, 1.75), ("_allgather_base", 8, 0.875), ("reduce_scatter", 4, 0.75),
            ("all_to_allv", 2, 0.5), ("broadcast", 8, 1), ("allreduce", 1, 0), ("allreduce", 0, nil),
        ] as [(String, Int, Double?)])
    func busFactors(_ operation: String, _ ranks: Int, _ factor: Double?) {
        #expect(collective(operation, ranks: ranks).busFactor == factor)
    }

    @Test("Without the size of its group, a collective has no bus factor") func unknownGroups() {
        #expect(collective("allreduce").busFactor == nil)
    }
}
