#include <sqlite3.h>

/// Disables what the contents of a database could run. `sqlite3_db_config` has a variable number of arguments, which Swift
/// cannot call. Returns SQLite's status.
static inline int sqlite_disable_schema_code(sqlite3 *database) {
    const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                       SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER};
    int status = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    for (unsigned i = 0; i < sizeof off / sizeof *off && status == SQLITE_OK; i++) {
        status = sqlite3_db_config(database, off[i], 0, (int *)0);
    }
    return status;
}
