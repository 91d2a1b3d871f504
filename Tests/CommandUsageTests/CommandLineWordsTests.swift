import CommandUsage
import Testing

@Suite("Words of a command line") struct CommandLineWordsTests {
    @Test(
        "A negative number is the value of the option before it",
        arguments: [
            "-5", "-0", "-5.5", "-.5", "-1e-3", "-1,4", "-3=1.2", "-99999999999999999999", "-inf", "-Infinity", "-nan",
        ])
    func negativeNumbers(number: String) {
        #expect(CommandLineWords.prepared(["plan", "--ranks", number, "x"]) == ["plan", "--ranks=\(number)", "x"])
    }

    @Test(
        "Other words stay as they are",
        arguments: [
            ["plan", "-5"], ["--ranks=4", "-5"], ["-o", "-5"], ["--prompt", "-x"], ["--ranks", "-"], ["--ranks", "5"],
            ["--ranks", "--microbatches"], ["--", "--ranks", "-5"], ["--prompt", "-infant"], [],
        ])
    func otherWords(words: [String]) {
        #expect(CommandLineWords.prepared(words) == words)
    }

    @Test("Names of options may have underscores, values and words after -- keep theirs")
    func underscores() {
        let words = ["train", "--dry_run", "--data=my_text", "my_file", "--", "--a_b"]
        #expect(
            CommandLineWords.prepared(words)
                == ["train", "--dry-run", "--data=my_text", "my_file", "--", "--a_b"])
    }
}
