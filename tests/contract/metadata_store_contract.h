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
    /// Changes the store made last behind its back; false: it could not.
    virtual bool runSql(const QString &statement) = 0;
    /// Arguments with which tests/support/store_helper opens it in another process.
    virtual QStringList helperArguments() const = 0;

private Q_SLOTS:
    void init();
    void cleanup();

    void hasTheLocalTenantFromTheStart();
    void addsATenantOnce();
    void keepsTheSettingsOfATenant();
    void holdsATenantToItsRunsPerMinute();
    void bringsARunBackAfterItsMinute_data();
    void bringsARunBackAfterItsMinute();
    void manyThreadsTakeTheRunsThereAre();
    void countsWhatATenantKeeps();
    void refusesWhatATenantMayNotKeep_data();
    void refusesWhatATenantMayNotKeep();
    void manyThreadsKeepNoMoreThanTheyMay();
    void reapsTheOldestFirst();
    void goesOnReapingAfterADeath();
    void givesADutyToOne();
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

    void findsAKeyByItsHash();
    void makesTheTenantWithItsFirstKey();
    void takesAHashOnce();
    void listsKeysNewestFirst();
    void revokesAKeyOnce();
    void keepsNothingOfAKeyWhoseAuditFails();
    void notesTheLatestUseOfAKey();
    void knowsWhetherAnyKeyIsUsable();

    void setsAndMovesATag();
    void setsNoTagOnAMissingVersion();
    void removesATagOnce();
    void deletingAVersionTakesItsTags();

    void findsAnExecutionAsItWasInserted();
    void finishesWithArtifactsThatAreFiles();
    void keepsWhatWasKnownWhenItWasInserted();
    void theFirstToFinishWins();
    void refusesToFinishWithAnUnfinishedStatus();
    void keepsNothingOfAFinishThatFails();
    void marksOnlyAQueuedExecutionRunning();
    void listsExecutionsNewestFirst();
    void countsTheRunsOfEverySkill();
    void listsTheBeginningOfInputsWhereAskedFor();
    void filtersExecutions_data();
    void filtersExecutions();
    void keepsLongAndStrangeTexts();
    void asksForCancelOnlyWhileUnfinished();
    void failsWhatADeadInstanceLeft();
    void knowsWhoseLeaseIsOver();
    void knowsWhetherOthersTakeRuns();

    void pagesExecutionsByTheirCursor();
    void pagesSkillsByTheirCursor();
    void keepsTheLogOfWhatIsLost();

    void findsAFileAsItWasInserted();
    void numbersTheVersionsOfAFile();
    void deletesOneVersionOfAFileOnly();
    void listsFilesNewestFirst();
    void changesASessionAllOrNothing();
    void holdsASessionToItsBounds_data();
    void holdsASessionToItsBounds();
    void deletesASessionAndSaysItsBlobs();

    void takesAKeyForOneRequest();
    void replaysTheAnswerOfAKey();
    void forgetsKeysAfterTheirTime();
    void freesTheKeysOfADeadInstance();
    void oneOfManyThreadsTakesAKey();

    void takesRunsFromTheQueueWhole();
    void keepsARunThatHasBegunWhenItIsInserted();
    void sharesPlacesFairlyBetweenTenants();
    void holdsATenantToItsRunsAtOnce_data();
    void holdsATenantToItsRunsAtOnce();
    void boundsTheQueue();
    void givesBackWhatHasNotBegun();
    void putsBackWhatADeadInstanceHadNotBegun();
    void forgetsTheTaskOfAnEndedRun();
    void keepsTheLogOfARunUnderWay();
    void manyTakeEachRunOnce();
    void dropsALeaseThatIsOver();
    void freesAKeyWhoseRunWasNeverRecorded();

    void knowsWhichBlobsAreReferred();
    void releasesOnlyUnreferredBlobs();
    void keepsNobodyWaitingForARelease();
    void separatesTenants();

    void writesTheAuditRecordWithTheChangeOnly();
    void keepsAuditInOrder();
    void chainsTheAuditOfEachTenant();
    void chainsWhatIsReadBack_data();
    void chainsWhatIsReadBack();
    void auditsTheFinishOnce();
    void manyWritersMakeOneChain();

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
