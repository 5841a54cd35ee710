#pragma once

#include <QObject>

/// The parts of the editor and of the text room without a window around them:
/// test_editor_parts.cpp begins, the other files have what belongs together.
class EditorPartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textKeepsItsBytes_data();
    void textKeepsItsBytes();
    void headerFieldsAreSetWithoutTouchingTheRest_data();
    void headerFieldsAreSetWithoutTouchingTheRest();
    void headerFieldThatCannotBeSetIsRefused_data();
    void headerFieldThatCannotBeSetIsRefused();
    void completesTheHeaderAndLinks_data();
    void completesTheHeaderAndLinks();
    void explainsFields();
    void foldsMarkdownAndIndentation();
    void foldHidesAndJumpingReveals();
    void colorsFrontMatterAndBodyDifferently();
    void replacesAsOneUndoStep();
    void editsLines_data();
    void editsLines();
    void findCountsSelectsAndReplaces();
    void marksMoveWithTheText();
    void formWritesTheSpellingThatTheTextHas();
    void savesOnlyOverWhatItRead();
    void listsAndSearchesUnsavedText();
    void plansReplacements_data();
    void plansReplacements();
    void draftsOfDeadProcessesComeBack();
    void checkerSeesUnsavedText();
    void fixesAllThatIsSafe();
    void workingCopyHoldsUnsavedText();
    void problemsAreAProperModel();
    void newSkillsAreCleanAndWhole_data();
    void newSkillsAreCleanAndWhole();
    void markdownLoadsNothing();
};
