#pragma once

#include "app/desktop/console/form_field.h"
#include "app/desktop/session/run_target.h"
#include "app/desktop/shell/page.h"

#include <QTimer>

class QLabel;
class QScrollArea;
class QStackedWidget;
class QToolButton;

namespace skillbox {

class CodeView;

/// The input of a run: as a form made from the skill's schema, or as JSON; checked while one types
/// by the check that a run would get.
class InputEditor : public QWidget
{
    Q_OBJECT

public:
    explicit InputEditor(const Desk &desk, QWidget *parent = nullptr);
    ~InputEditor() override;

    /// Keeps the input.
    void setTarget(const RunTarget &target);
    /// Text that is no JSON is kept as it is, and shown as text.
    void setText(const QByteArray &text);
    /// What a run would be started with; an error names what is no JSON.
    Result<QByteArray> input() const;
    /// As it is, JSON or not.
    QByteArray text() const;
    bool isForm() const;
    bool hasForm() const { return m_hasForm; }
    /// To JSON always; to the form only if the text is JSON that it can show: else says why not.
    void setForm(bool form);
    /// What a run was refused for: [{"pointer", "message"}].
    void showProblems(const QJsonArray &problems);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void edited();

private:
    void buildForm();
    void check();
    void tell(const QStringList &problems);
    void noteEdit();

    Desk m_desk;
    QByteArray m_schema;
    QString m_schemaProblem;
    bool m_hasForm = false;
    QStackedWidget *m_views;
    QScrollArea *m_scroll;
    FormField *m_form = nullptr;
    CodeView *m_json;
    QToolButton *m_asForm;
    QToolButton *m_asJson;
    QLabel *m_note;
    QLabel *m_problems;
    QTimer m_checkDelay;
    int m_question = 0;
    bool m_setting = false;
    Theme m_theme;
};

} // namespace skillbox
