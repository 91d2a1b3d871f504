import LibTorch
import Testing

@Suite struct TensorTests {
    @Test func valuesComeBack() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(try tensor.shape() == [2, 3])
        #expect(try tensor.values() == [1, 2, 3, 4, 5, 6])
        #expect(libTorchVersion.hasPrefix("2."))
    }
}
