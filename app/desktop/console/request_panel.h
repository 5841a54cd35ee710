#pragma once

#include "app/desktop/session/run_centre.h"
#include "app/desktop/session/run_target.h"
#include "app/desktop/shell/page.h"

#include <QStringListModel>

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QTableWidget;
class QTabWidget;
class QToolButton;

namespace skillbox {

class InputEditor;

/// What will be run, with what: skill, version, entrypoint, input, environment, files, limits.
class RequestPanel : public QWidget
{
    Q_OBJECT

public:
    explicit RequestPanel(const Desk &desk, QWidget *parent = nullptr);
    ~RequestPanel() override;

    void setOrder(const RunOrder &order);
    /// An error says what is not usable as it is.
    Result<RunOrder> order() const;
    /// While a run is under way it can be cancelled.
    void setRunning(bool running);
    void showProblems(const QJsonArray &problems);
    InputEditor &input() { return *m_input; }
    const RunTarget &target() const { return m_target; }
    void focusSkill();
    void saveInput();
    void applyTheme(const Theme &theme);
    QJsonObject saveState() const;
    void restoreState(const QJsonObject &state);

Q_SIGNALS:
    void runWanted();
    void cancelWanted();
    void copyWanted();

private:
    void reloadSkills();
    void chooseSkill(const QString &name, const QString &version);
    void chooseFolder();
    void showSkillName(const QString &name);
    void describe();
    void takeTarget(const Result<RunTarget> &target);
    void fillInputMenu();
    void addVariable(const QString &name, const QString &value);
    void addFiles(const QStringList &paths);
    void tellCounts();
    QMap<QString, QString> environment() const;

    Desk m_desk;
    RunTarget m_target;
    QString m_directory; ///< a folder is run, not a published skill
    QString m_skillName;
    QString m_wantedVersion;
    QString m_wantedEntrypoint;
    int m_question = 0;
    QStringListModel m_skills;
    QComboBox *m_skill;
    QComboBox *m_version;
    QToolButton *m_folder;
    QPushButton *m_run;
    QPushButton *m_cancel;
    QToolButton *m_inputs;
    QToolButton *m_copy;
    QLabel *m_about;
    QTabWidget *m_tabs;
    InputEditor *m_input;
    QTableWidget *m_variables;
    QListWidget *m_files;
    QComboBox *m_entrypoint;
    QLineEdit *m_timeout;
    QLineEdit *m_session;
};

} // namespace skillbox
