import LibTorch
import Testing

@Suite("Transfers between host and device") struct HostTransfersTests {
    private func transfers(_ body: () throws -> Void) throws -> HostTransfers {
        try HostTransfers.counting(body).transfers
    }

    @Test("Reads of a tensor are counted on the CPU as well") func reads() throws {
        let tensor = try Tensor([1, 2], shape: [2])
        let reading = try transfers {
            _ = try tensor.integers()
            _ = try tensor.doubles()
            _ = try tensor.moved(to: .cpu)
            try tensor.withBytes { _ in }
        }
        #expect(reading == HostTransfers(reads: 4))
        #expect(try transfers { _ = try tensor.times(tensor).squaredNorm().isFinite() } == HostTransfers())
    }

    @Test("Tensors of values of the host are uploads; those that are large at the start of a run wait") func uploads()
        throws
    {
        #expect(
            try transfers {
                _ = try Tensor([1, 2], shape: [2])
                _ = try Tensor([1.0, 2], shape: [2]).uploaded()
            } == HostTransfers(uploads: 3))
        #expect(
            try transfers {
                _ = try Tensor.normal([3], .float32, seed: 1)
                _ = try Tensor.filled([1], .bool) { $0[0] = 1 }
            } == HostTransfers(uploads: 2, blockingUploads: 2))
        #expect(try transfers { _ = try Tensor.zeros([3], .float32) } == HostTransfers())
    }

    @Test("A copy to the host has the values of its start, and is one read") func hostCopy() throws {
        let tensor = try Tensor([3, 1, 2, 7], shape: [2, 2])
        let (copy, start) = try HostTransfers.counting { try HostCopy(of: tensor.transposed(0, 1)) }
        #expect(start == HostTransfers())
        let (values, read) = try HostTransfers.counting { try copy.integers() }
        #expect(values == [3, 2, 1, 7] && read == HostTransfers(reads: 1))
        #expect(throws: LibTorchError.self) { try HostCopy(of: .zeros([1], .float32)) }
    }

    @Test("Operators are counted with those of the backward pass; views are no launches") func operators() throws {
        let leaf = try Tensor([1.0, 2], shape: [1, 2]).leaf()
        let operators = try OperatorCounts.counting {
            let product = try leaf.matmul(leaf.transposed())
            try Tensor.backward([product.sum()], gradients: [nil])
        }.operators
        #expect(operators.calls["aten::mm"] == 3)
        #expect(operators.calls["aten::matmul"] == 1 && operators.calls["aten::transpose"] ?? 0 > 0)
        #expect(operators.launches["aten::mm"] ?? 0 > 0 && operators.launches["aten::transpose"] == nil)
        #expect(operators.launches["aten::matmul"] == nil, "matmul leaves the computation to mm")
        #expect(try OperatorCounts.counting { _ = try leaf.transposed() }.operators.launches.isEmpty)
    }
}
