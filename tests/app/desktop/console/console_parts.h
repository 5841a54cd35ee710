#pragma once

#include <QObject>

/// The parts of the console without a window around them: test_console_parts.cpp begins, the other
/// files have what belongs together.
class ConsolePartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatProgramsWriteForTerminals_data();
    void readsWhatProgramsWriteForTerminals();
    void cutsOfSequencesChangeNothing();
    void keepsStreamsApart();
    void breaksEndlessLines();
    void measuresWideCharactersAndTabs();
    void findsInWhatIsThereAndInWhatComes();
    void saysWhyAnExpressionIsNone();
    void followsTheEndUntilOneScrollsAway();
    void wrapsByColumns();
    void selectsAndCopies();
    void keepsJsonAsItWasWritten_data();
    void keepsJsonAsItWasWritten();
    void treesShowJson();
    void formsLoseNothing_data();
    void formsLoseNothing();
    void formsTakeWhatIsTyped();
    void formsShowProblemsAtTheirFields();
    void listsCanBeEdited();
    void variantsReplaceEachOther();
    void alignsLines_data();
    void alignsLines();
    void marksWhatDiffersWithinALine();
    void boundsComparisons();
    void goesFromDifferenceToDifference();
    void historyStaysInOrder();
    void historyAsksForOlderRunsOnce();
    void historyFilters_data();
    void historyFilters();
    void snippetsHoldTheWholeRequest();
};
