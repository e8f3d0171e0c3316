{{- define "operator.name" -}}gslbsim-operator{{- end -}}

{{- define "operator.serviceAccount" -}}
{{- default (include "operator.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ include "operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "operator.credentials" -}}
{{- default "gslb-avi-secret" .Values.gslbLeaderCredentials.existingSecret -}}
{{- end -}}
