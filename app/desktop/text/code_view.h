#pragma once

#include "app/desktop/theme/theme.h"

#include <QPlainTextEdit>

namespace skillbox {

/// Source text to read: highlighted, with line numbers and find (Ctrl+F). GUI thread.
class CodeView : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit CodeView(QWidget *parent = nullptr);
    /// `fileName` chooses the language.
    void setSource(const QString &text, const QString &fileName);
    void applyTheme(const Theme &theme);

private:
    QString m_fileName;
    Theme m_theme;
};

} // namespace skillbox
