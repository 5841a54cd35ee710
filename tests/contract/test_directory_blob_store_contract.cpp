#include "engine/storage/directory_blob_store.h"
#include "tests/contract/blob_store_contract.h"
#include "tests/support/tree_fixture.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestDirectoryBlobStoreContract : public test::BlobStoreContract
{
    Q_OBJECT

protected:
    void makeEmptyStore() override { m_directory = std::make_unique<QTemporaryDir>(); }
    Result<std::unique_ptr<BlobStore>> openStore() override
    {
        return DirectoryBlobStore::open(path());
    }
    QStringList helperArguments() const override { return {u"directory"_s, path()}; }
    QStringList everythingKept() const override
    {
        QStringList files;
        for (const QString &entry : test::allEntries(path())) {
            if (QFileInfo(path() + u'/' + entry).isFile())
                files.append(entry);
        }
        return files;
    }

private:
    QString path() const { return m_directory->filePath(u"blobs"_s); }
    std::unique_ptr<QTemporaryDir> m_directory;
};

QTEST_GUILESS_MAIN(TestDirectoryBlobStoreContract)
#include "test_directory_blob_store_contract.moc"
