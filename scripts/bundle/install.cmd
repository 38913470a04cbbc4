@echo off
rem Installs what lies beside it; see README.txt.
setlocal
for /f "tokens=2 delims==" %%v in ('findstr /b python= "%~dp0bundle.txt"') do set WANTED=%%v
where py >nul 2>nul
if %errorlevel%==0 (
    py -%WANTED% "%~dp0install.py" %*
) else (
    python "%~dp0install.py" %*
)
exit /b %errorlevel%
