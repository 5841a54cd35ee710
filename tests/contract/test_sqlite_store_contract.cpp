#include "engine/storage/sql_connection.h"
#include "engine/storage/sqlite_dialect.h"
#include "engine/storage/sqlite_store.h"
#include "tests/contract/metadata_store_contract.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestSqliteStoreContract : public test::MetadataStoreContract
{
    Q_OBJECT

protected:
    void makeEmptyStore() override { m_directory = std::make_unique<QTemporaryDir>(); }
    Result<std::unique_ptr<MetadataStore>> openStore() override { return openSqliteStore(path()); }
    bool runSql(const QString &statement) override
    {
        const SqliteDialect dialect(path(), std::chrono::seconds(20));
        const auto connection = SqlConnection::open(dialect);
        return connection && (*connection)->change(statement);
    }
    QStringList helperArguments() const override { return {u"sqlite"_s, path()}; }

private:
    QString path() const { return m_directory->filePath(u"skillbox.db"_s); }
    std::unique_ptr<QTemporaryDir> m_directory;
};

QTEST_GUILESS_MAIN(TestSqliteStoreContract)
#include "test_sqlite_store_contract.moc"
