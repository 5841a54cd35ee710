#pragma once

#include "engine/storage/metadata_store.h"

#include <QObject>
#include <QStringList>

#include <memory>

namespace skillbox::test {

/// What every MetadataStore does, written once. A backend's test program derives from it.
class MetadataStoreContract : public QObject
{
    Q_OBJECT

protected:
    /// Makes a fresh, empty store; called before each test.
    virtual void makeEmptyStore() = 0;
    /// Opens the store made last, as another process would.
    virtual Result<std::unique_ptr<MetadataStore>> openStore() = 0;
    /// Arguments with which tests/support/store_helper opens it in another process.
    virtual QStringList helperArguments() const = 0;

private Q_SLOTS:
    void init();
    void cleanup();

    void hasTheLocalTenantFromTheStart();
    void addsATenantOnce();
    void refusesRecordsOfUnknownTenants();

    void findsAVersionAsItWasInserted();
    void answersNothingForAMissingVersion();
    void insertingTheSameContentAgainChangesNothing();
    void insertingOtherContentIsAConflict();
    void listsVersionsByNameThenNewestFirst();
    void listsVersionsInPages();
    void searchesNameDescriptionAndInstructions_data();
    void searchesNameDescriptionAndInstructions();
    void forgetsDeletedVersionsInSearch();
    void yanksAndUnyanks();
    void deletesAVersionAndKeepsItsExecutions();
    void writesTheAuditRecordWithTheChangeOnly();

    void findsAnExecutionAsItWasInserted();
    void finishesWithArtifactsThatAreFiles();
    void keepsWhatWasKnownWhenItWasInserted();
    void theFirstToFinishWins();
    void refusesToFinishWithAnUnfinishedStatus();
    void keepsNothingOfAFinishThatFails();
    void marksOnlyAQueuedExecutionRunning();
    void listsExecutionsNewestFirst();
    void filtersExecutions_data();
    void filtersExecutions();
    void keepsLongAndStrangeTexts();
    void asksForCancelOnlyWhileUnfinished();
    void failsWhatADeadInstanceLeft();

    void knowsWhichBlobsAreReferred();
    void releasesOnlyUnreferredBlobs();
    void keepsAuditInOrder();
    void separatesTenants();

    void keepsEverythingAcrossReopening();
    void eightThreadsWriteAndRead();
    void oneOfManyThreadsFinishes();
    void twoProcessesOpenAFreshStoreAtOnce();
    void twoProcessesWriteAtOnce();
    void survivesTheDeathOfAWriter();

protected:
    std::unique_ptr<MetadataStore> m_store;
};

} // namespace skillbox::test
