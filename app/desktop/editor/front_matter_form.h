#pragma once

#include "app/desktop/theme/theme.h"
#include "engine/base/result.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTimer>

namespace skillbox {

/// The front matter of a SKILL.md as fields. It follows the text, and what is typed here is an edit
/// of the text that keeps comments, order and unknown keys.
class FrontMatterForm : public QScrollArea
{
    Q_OBJECT

public:
    explicit FrontMatterForm(QWidget *parent = nullptr);

    /// The text changed; a field that has the focus keeps what is being typed.
    void setText(const QByteArray &text);
    void setFiles(const QStringList &files);

Q_SIGNALS:
    void edited(const QByteArray &text);

private:
    enum class Editor { Line, Choice, Text };
    struct Field {
        QString key;
        QString label;
        Editor editor = Editor::Line;
        bool runtime = false; ///< has two spellings
        QWidget *widget = nullptr;
    };
    void addField(const QString &key, const QString &label, Editor editor, bool runtime,
                  const QStringList &choices = {});
    QString valueOf(const Field &field) const;
    void setValue(const Field &field, const QString &value);
    void apply(const Field &field);
    /// Where the text has the field, or where it would be written.
    QStringList pathOf(const Field &field) const;
    void showProblem(const QString &problem);

    QList<Field> m_fields;
    QLabel *m_problem;
    QLabel *m_length;
    QByteArray m_text;
    QTimer m_applyDelay;
    QString m_pending; ///< key of the field that is being typed
};

} // namespace skillbox
