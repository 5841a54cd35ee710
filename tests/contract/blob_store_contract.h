#pragma once

#include "engine/storage/blob_store.h"

#include <QObject>
#include <QStringList>

#include <memory>

namespace skillbox::test {

/// What every BlobStore does, written once. A backend's test program derives from it.
class BlobStoreContract : public QObject
{
    Q_OBJECT

protected:
    /// Makes a fresh, empty store; called before each test.
    virtual void makeEmptyStore() = 0;
    /// Opens the store made last, as another process would.
    virtual Result<std::unique_ptr<BlobStore>> openStore() = 0;
    /// Arguments with which tests/support/store_helper opens it in another process.
    virtual QStringList helperArguments() const = 0;
    /// Everything the backend keeps, by whatever name, unfinished things too.
    virtual QStringList everythingKept() const = 0;

private Q_SLOTS:
    void init();
    void cleanup();

    void givesBackWhatWasPut_data();
    void givesBackWhatWasPut();
    void keepsOneCopyOfTheSameBytes();
    void answersNothingForAMissingBlob();
    void answersNothingForWhatIsNoBlobName_data();
    void answersNothingForWhatIsNoBlobName();
    void removesOnce();
    void readsWhileItIsRemoved();
    void listsWhatWasPutBefore();
    void aLocalFileHoldsTheBytes();
    void keepsNothingOverTheLimit_data();
    void keepsNothingOverTheLimit();
    void keepsNothingOfASourceThatFails();
    void putsFromAPipe();
    void eightThreadsPutTheSameAndDifferent();
    void putsWhileOthersRemove();
    void twoProcessesPutTheSameAtOnce();
    void survivesTheDeathOfAWriter();

protected:
    Result<StoredBlob> put(QByteArray bytes, qint64 maxBytes = 1 << 30);
    std::unique_ptr<BlobStore> m_store;
};

} // namespace skillbox::test
