#pragma once

#include "engine/base/result.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace skillbox {

class SqlConnection;

/// A column of a table whose rows are copied from store to store.
struct StoredColumn {
    enum class Kind { Text, Integer };
    QString name;
    Kind kind = Kind::Text;
    bool nullable = false;

    /// Whether it names the bytes of a blob.
    bool isBlob() const;
};

struct StoredTable {
    QString name;
    QString order; ///< its key, as SQL
    QList<StoredColumn> columns;

    QStringList columnNames() const;
};

/// The tables that make up a store, in an order in which each refers only to those before it, with
/// the columns that they have in this database. What the database derives by itself is left out.
Result<QList<StoredTable>> storedTables(SqlConnection &connection);

/// Those that are about processes alive now and mean nothing in another store.
QStringList passingTables();
/// Those that triggers fill with what is put into the others.
QStringList derivedTables();

} // namespace skillbox
