import Foundation
import TestSupport
import Testing
import TrainingRuns

@Suite struct TensorBoardEventsTests {
    @Test("A link in place of the file is refused, and its target stays") func links() throws {
        try withTemporaryFolder { parent in
            let folder = try RunFolder.create(named: "run", in: parent)
            let target = parent.appending(path: "target")
            try Data("precious".utf8).write(to: target)
            try FileManager.default.createSymbolicLink(
                at: folder.url.appending(path: "events.out.tfevents.1.contraflow"), withDestinationURL: target)
            #expect(throws: RunFileError.self) {
                try TensorBoardEvents(in: folder, date: Date(timeIntervalSince1970: 1))
            }
            #expect(try Data(contentsOf: target) == Data("precious".utf8))
        }
    }

    /// The bytes of the first record are those of TensorFlow's own writer.
    @Test("Records have the framing and the checksums of TFRecord") func recordsHaveLengthsAndChecksums() throws {
        try withTemporaryFolder { parent in
            let folder = try RunFolder.create(named: "run", in: parent)
            let events = try TensorBoardEvents(in: folder, date: Date(timeIntervalSince1970: 1))
            try events.add(
                StepMetrics(
                    step: 300, loss: 2.5, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3, tokens: 10,
                    seconds: 2, bubble: 0, hiddenCommunication: nil, expertBalance: 1, validationLoss: 2.75),
                date: Date(timeIntervalSince1970: 2))
            let bytes = [UInt8](try Data(contentsOf: folder.url.appending(path: "events.out.tfevents.1.contraflow")))
            #expect(bytes[..<8] == [24, 0, 0, 0, 0, 0, 0, 0])
            #expect(bytes[12...20] == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
            #expect(String(decoding: bytes[23..<36], as: UTF8.self) == "brain.Event:2")
            // The masked CRC-32C of the length 24, from an independent implementation.
            #expect(bytes[8..<12] == [163, 127, 75, 34])
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("loss/training") && text.contains("loss/validation"))
        }
    }
}
