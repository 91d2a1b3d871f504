/// The way to a value that is a word of a closed set.
public struct WordAccess: Sendable {
    /// All words, as a message lists them.
    let list: String
    /// The word that a recipe has.
    let read: @Sendable (Recipe) -> String
    /// Gives a recipe the word of a spelling; false if there is none.
    let write: @Sendable (inout Recipe, String) -> Bool

    init<Word: RecipeWord>(_ path: any WritableKeyPath<Recipe, Word> & Sendable) {
        list = Word.list
        read = { $0[keyPath: path].rawValue }
        write = { recipe, spelling in
            guard let word = Word(spelling: spelling) else { return false }
            recipe[keyPath: path] = word
            return true
        }
    }
}
